import { FATAL_BYTES, PONG, parseUp } from '../../schema/protocol/codec.ts';
import type { Down } from '../../schema/protocol/down.ts';
import { ERRORS, type Failure, fail } from '../../schema/protocol/errors.ts';
import type { Entry } from '../../schema/protocol/frames-log.ts';
import type { Up, UpOf } from '../../schema/protocol/up.ts';
import { notFound } from './conversation.ts';
import type { Op } from './entries.ts';
import type { Mailbox } from './mailbox.ts';
import { batches, resume } from './resume.ts';
import type { World } from './world.ts';

/** So many more frames refused than accepted, and the line is closed. */
const PATIENCE = 1000;

/** The service's end of a socket or of a session of long polling. */
export interface Line {
  send(text: string): void;
  close(code: number, failure: Failure): void;
}

/** One device on one line. */
export class Connection {
  readonly user: string;
  readonly device: string;
  /** Said `hello`: live frames go out. */
  ready = false;
  /** The resume is complete: frames carry the user's cursor. Before, they must not move the client's. */
  synced = false;
  /** The client's own cursor while it resumes. */
  base = 0;
  open = true;
  /** What its client said that it knows. */
  knows: readonly string[] = [];
  /** What is open on the screen. */
  focus: string | null = null;
  /** Up to here batches went out, by conversation: live frames below are repeats. */
  readonly ahead = new Map<string, number>();
  readonly #world: World;
  readonly #mailbox: Mailbox;
  readonly #line: Line;
  #refused = 0;

  constructor(world: World, mailbox: Mailbox, device: string, line: Line) {
    this.#world = world;
    this.#mailbox = mailbox;
    this.user = mailbox.user;
    this.device = device;
    this.#line = line;
  }

  send(frame: Down): void {
    if (this.open) this.#line.send(JSON.stringify(frame));
  }

  /** A live entry. */
  push(entry: Entry, cursor: number): void {
    if (entry.seq <= (this.ahead.get(entry.conversation) ?? 0)) return;
    this.send({ cursor: this.synced ? cursor : this.base, ...entry });
  }

  error(failure: Failure, about: { readonly clientId?: string; readonly conversation?: string } = {}): void {
    const { code, detail, retryAfter } = failure;
    this.send({ type: 'error', code, detail, ...about, ...(retryAfter === undefined ? {} : { retryAfter }) });
  }

  /** Ends it from this side. */
  close(failure: Failure): void {
    if (!this.open) return;
    this.#line.close(ERRORS[failure.code].close, failure);
    this.#mailbox.left(this);
  }

  // ---- frames up ----

  frame(text: string): void {
    if (!this.open) return;
    const { limits, clock } = this.#world;
    const wait = this.#mailbox.rates(this.device).frames.take(clock.now());
    if (wait > 0) {
      const failure = fail('rate_limited', 'too many frames', wait);
      this.error(failure, clientIdIn(text));
      if (++this.#refused > PATIENCE) this.close(failure);
      return;
    }
    if (this.#refused > 0) this.#refused--;
    if (text.length > FATAL_BYTES) {
      const failure = fail('too_large', `a frame has at most ${limits.frameBytes} bytes`);
      this.error(failure);
      return this.close(failure);
    }
    const parsed = parseUp(text, limits);
    if (!parsed.ok) return this.error(parsed, clientIdIn(text));
    this.#handle(parsed.value);
  }

  #handle(frame: Up): void {
    if (frame.type === 'ping') return this.send(JSON.parse(PONG));
    if (frame.type === 'hello') {
      if (this.ready)
        return this.error(fail('bad_request', 'type: hello was said already on this connection'));
      return resume(this.#world, this.#mailbox, this, frame);
    }
    if (!this.ready) {
      const about = 'clientId' in frame ? frame : {};
      return this.error(fail('bad_request', 'type: the first frame must be hello'), names(about));
    }
    switch (frame.type) {
      case 'send':
      case 'edit':
      case 'delete':
      case 'react':
        return this.#write(frame);
      case 'received':
        return this.#confirm(frame.conversation, { delivered: frame.seq, read: 0 });
      case 'read':
        return this.#confirm(frame.conversation, { delivered: frame.seq, read: frame.seq });
      case 'pull':
        return this.#pull(frame);
      case 'typing':
        return this.#world.presence.typing(this.user, frame.conversation, frame.on);
      case 'focus':
        this.focus = frame.conversation;
        return;
      case 'watch':
        return this.#world.presence.watch(this, frame.users);
    }
  }

  #write(frame: UpOf<'send' | 'edit' | 'delete' | 'react'>): void {
    const { clientId, conversation } = frame;
    const about = { clientId, conversation };
    const wait = this.#mailbox.rates(this.device).sends.take(this.#world.clock.now());
    if (wait > 0) return this.error(fail('rate_limited', 'too many sends', wait), about);
    this.#world.sends.add(this.user, conversation, opOf(frame), this, (result) => {
      if (!result.ok) return this.error(result, about);
      const { seq, at, duplicate } = result;
      this.send({
        type: 'ack',
        ...about,
        seq,
        at,
        state: 'sent',
        ...(duplicate ? { duplicate: true } : {}),
      });
    });
  }

  #confirm(conversation: string, to: { readonly delivered: number; readonly read: number }): void {
    // Also the entry that ended a membership is confirmed; there is nobody left to tell.
    if (this.#mailbox.hasEnded(conversation)) return;
    const log = this.#world.conversations.get(conversation);
    const before = log?.active(this.user)?.mark.read ?? 0;
    if (!log?.mark(this.user, to)) return this.error(notFound(), { conversation });
    if ((log.active(this.user)?.mark.read ?? 0) > before) this.#mailbox.read(conversation, this);
    if (to.read > 0) this.#mailbox.setPrefs(conversation, { unread: false });
  }

  #pull({ conversation, after, before, limit }: UpOf<'pull'>): void {
    const log = this.#world.conversations.get(conversation);
    if (!log?.active(this.user)) return this.error(notFound(), { conversation });
    const rows = log.range({
      after,
      before,
      limit: limit ?? this.#world.limits.page,
      newest: after === undefined,
    });
    const entries = rows.map(({ seq }) => log.entry(seq, this.user));
    // What was asked for is not a cut: only a pull of the newest names what it left out below.
    const have = after ?? (entries[0]?.seq ?? 1) - 1;
    for (const batch of batches(conversation, entries, log.head, have)) this.send(batch);
  }
}

function opOf(frame: UpOf<'send' | 'edit' | 'delete' | 'react'>): Op {
  const { clientId } = frame;
  switch (frame.type) {
    case 'send': {
      const { content, replyTo, after } = frame;
      return {
        type: 'message',
        clientId,
        content,
        ...(replyTo === undefined ? {} : { replyTo }),
        ...(after === undefined ? {} : { after }),
      };
    }
    case 'edit':
      return { type: 'edit', clientId, target: frame.seq, content: frame.content };
    case 'delete':
      return { type: 'delete', clientId, target: frame.seq };
    case 'react':
      return { type: 'react', clientId, target: frame.seq, emoji: frame.emoji, on: frame.on };
  }
}

const names = ({ clientId, conversation }: { clientId?: string; conversation?: string }) => ({
  ...(clientId === undefined ? {} : { clientId }),
  ...(conversation === undefined ? {} : { conversation }),
});

/** A refused frame that still names its `clientId` is answered with it. */
function clientIdIn(text: string): { clientId?: string } {
  const [, clientId] = /"clientId"\s*:\s*"([A-Za-z0-9_-]{1,64})"/.exec(text.slice(0, 4096)) ?? [];
  return clientId === undefined ? {} : { clientId };
}
