import { fullJitter, RETRY } from './backoff.ts';
import { systemClock } from './clock.ts';
import type { EngineOptions } from './engine-types.ts';
import { ParleyError } from './errors.ts';
import type { History } from './history.ts';
import type { Parts } from './parts.ts';

const PAGE = 50;
/** Unread conversations whose marks may have moved on another device while this one was off. */
const REFRESH = 20;
const RECOUNT_MS = 1000;
const RECOUNTS = 5;
const FAILED_MS = 5000;

const isGone = (error: unknown): boolean => error instanceof ParleyError && error.code === 'not_found';

/**
 * Keeps the list of conversations complete: a new device lists everything once; from then on resumes tell what changed,
 * and what is new is asked for when it announces itself.
 */
export class Directory {
  readonly #parts: Parts;
  readonly #history: History;
  readonly #after: (ms: number, run: () => void) => void;
  readonly #random: () => number;
  readonly #asked = new Set<string>();
  readonly #recounts = new Map<string, number>();
  #watching = false;
  #running = false;
  #refreshed = false;
  #tries = 0;

  constructor(parts: Parts, history: History, { clock = systemClock, random = Math.random }: EngineOptions) {
    this.#parts = parts;
    this.#history = history;
    this.#after = (ms, run) => clock.after(ms, run);
    this.#random = random;
  }

  /** There is a connection. */
  online(): void {
    if (!this.#watching) this.#watch();
    this.#run();
    for (const id of this.#recounts.keys()) this.#count(id);
  }

  #watch(): void {
    const { events, conversations } = this.#parts;
    this.#watching = true;
    events.on('uncounted', ({ conversation }) => this.#recount(conversation));
    events.on('unlisted', () => this.#run());
    events.on('forgotten', () => {
      this.#refreshed = false;
    });
    // What happened before somebody listened.
    for (const id of conversations.guesses) this.#recount(id);
  }

  /** Not at once: the service hears of what was read a moment later. Each time later, and not forever. */
  #recount(id: string): void {
    const tries = this.#recounts.get(id) ?? 0;
    this.#recounts.set(id, tries + 1);
    if (tries >= RECOUNTS) this.#recounts.delete(id);
    else this.#after(RECOUNT_MS * 2 ** tries, () => this.#count(id));
  }

  #count(id: string): void {
    // The next connection asks.
    if (!this.#online || !this.#recounts.has(id)) return;
    this.#history.one(id).then(
      () => this.#parts.conversations.guesses.has(id) || this.#recounts.delete(id),
      (error) => (isGone(error) ? this.#recounts.delete(id) : this.#after(FAILED_MS, () => this.#count(id))),
    );
  }

  get #online(): boolean {
    return this.#parts.state().name === 'online';
  }

  #run(): void {
    // The tab that is connected asks for all.
    if (this.#running || this.#parts.followed || !this.#online) return;
    this.#running = true;
    this.#work()
      .catch(() => false)
      .then((done) => {
        this.#running = false;
        if (!done) this.#after(500 + fullJitter(this.#tries++, this.#random, RETRY), () => this.#run());
        else {
          this.#tries = 0;
          if (this.#parts.unlisted.size > 0) this.#run();
        }
      });
  }

  /** False: something could not be reached. */
  async #work(): Promise<boolean> {
    const { conversations, listed, unlisted } = this.#parts;
    for (const id of unlisted) await this.#one(id);
    if (!listed) return this.#list();
    if (!this.#refreshed) {
      this.#refreshed = true;
      const unread = conversations.list.filter((conversation) => conversation.unread > 0).slice(0, REFRESH);
      for (const { id } of unread) await this.#history.one(id).catch(() => {});
    }
    return true;
  }

  async #one(id: string): Promise<void> {
    const { unlisted } = this.#parts;
    // Before the question: what is heard of it meanwhile may be newer than the answer.
    unlisted.delete(id);
    try {
      await this.#history.one(id);
    } catch (error) {
      // Not ours any more. Anything else is tried again.
      if (isGone(error)) return;
      unlisted.add(id);
      throw error;
    }
  }

  async #list(): Promise<boolean> {
    let complete = true;
    for (let before: string | undefined, first = true; first || before !== undefined; first = false) {
      const page: Awaited<ReturnType<History['list']>> = await this.#history.list({
        limit: PAGE,
        ...(before === undefined ? {} : { before }),
      });
      complete &&= page.incomplete !== true;
      before = page.next;
      // Whoever wrote sees it delivered once this device has it.
      for (const { id, unread } of page.conversations.slice(0, first ? REFRESH : 0)) {
        if (unread === 0 || this.#asked.has(id)) continue;
        this.#asked.add(id);
        await this.#history.older(id, PAGE).catch(() => {});
      }
    }
    if (complete) this.#complete();
    return complete;
  }

  #complete(): void {
    const { events, kept, post, settle } = this.#parts;
    this.#parts.listed = true;
    kept?.state();
    events.emit('conversations');
    post({ type: 'listed' });
    settle();
  }
}
