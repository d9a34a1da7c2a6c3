import { fullJitter, RETRY } from './backoff.ts';
import type { Clock } from './clock.ts';
import type { Engine } from './engine-types.ts';
import { ParleyError } from './errors.ts';

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
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #asked = new Set<string>();
  readonly #missing = new Set<string>();
  readonly #recounts = new Map<string, number>();
  #running = false;
  #refreshed = false;
  #tries = 0;

  constructor(engine: Engine, clock: Clock, random: () => number) {
    this.#engine = engine;
    this.#clock = clock;
    this.#random = random;
    engine.on('state', ({ name }) => {
      if (name !== 'online') return;
      this.#run();
      for (const id of this.#recounts.keys()) this.#count(id);
    });
    engine.on('uncounted', ({ conversation }) => this.#recount(conversation));
    engine.on('unlisted', ({ conversation }) => {
      this.#missing.add(conversation);
      this.#run();
    });
  }

  /** Everything has to be found out again. */
  forget(): void {
    this.#refreshed = false;
    this.#missing.clear();
  }

  /** Not at once: the service hears of what was read a moment later. Each time later, and not forever. */
  #recount(id: string): void {
    const tries = this.#recounts.get(id) ?? 0;
    this.#recounts.set(id, tries + 1);
    if (tries >= RECOUNTS) this.#recounts.delete(id);
    else this.#clock.after(RECOUNT_MS * 2 ** tries, () => this.#count(id));
  }

  #count(id: string): void {
    const { state, loadConversation, guessed } = this.#engine;
    // The next connection asks.
    if (state.name !== 'online' || !this.#recounts.has(id)) return;
    loadConversation(id).then(
      () => guessed(id) || this.#recounts.delete(id),
      (error) =>
        isGone(error) ? this.#recounts.delete(id) : this.#clock.after(FAILED_MS, () => this.#count(id)),
    );
  }

  #run(): void {
    const engine = this.#engine;
    // The tab that is connected asks for all.
    if (this.#running || !engine.leading || engine.state.name !== 'online') return;
    this.#running = true;
    this.#work().then(
      (done) => {
        this.#running = false;
        if (done) this.#tries = 0;
        else this.#later();
        if (this.#missing.size > 0 && done) this.#run();
      },
      () => {
        this.#running = false;
        this.#later();
      },
    );
  }

  #later(): void {
    this.#clock.after(500 + fullJitter(this.#tries++, this.#random, RETRY), () => this.#run());
  }

  /** False: something could not be reached. */
  async #work(): Promise<boolean> {
    const engine = this.#engine;
    for (const id of [...this.#missing]) await this.#one(id);
    if (!engine.listed) return this.#list();
    if (!this.#refreshed) {
      this.#refreshed = true;
      const unread = engine.conversations.filter((conversation) => conversation.unread > 0).slice(0, REFRESH);
      for (const { id } of unread) await engine.loadConversation(id).catch(() => {});
    }
    return true;
  }

  async #one(id: string): Promise<void> {
    try {
      await this.#engine.loadConversation(id);
    } catch (error) {
      // Not ours any more. Anything else is tried again.
      if (!isGone(error)) throw error;
    }
    this.#missing.delete(id);
  }

  async #list(): Promise<boolean> {
    const engine = this.#engine;
    let complete = true;
    for (let before: string | undefined, first = true; first || before !== undefined; first = false) {
      const page: Awaited<ReturnType<Engine['listConversations']>> = await engine.listConversations({
        limit: PAGE,
        ...(before === undefined ? {} : { before }),
      });
      complete &&= page.incomplete !== true;
      before = page.next;
      // Whoever wrote sees it delivered once this device has it.
      for (const { id, unread } of page.conversations.slice(0, first ? REFRESH : 0)) {
        if (unread === 0 || this.#asked.has(id)) continue;
        this.#asked.add(id);
        await engine.loadOlder(id, PAGE).catch(() => {});
      }
    }
    if (complete) engine.listed = true;
    return complete;
  }
}
