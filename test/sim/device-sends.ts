import type { SeenEntry } from './checks.ts';
import type { Frame } from './device.ts';
import { DeviceOutbox, type SendFrame } from './device-outbox.ts';
import type { Line } from './poll-line.ts';
import type { World } from './world.ts';

/** Answers after which the same send is tried again. */
const LATER: ReadonlySet<string> = new Set(['unavailable', 'overloaded', 'rate_limited', 'internal']);

export interface SendEnds {
  /** The line that is open, if one is. */
  line(): Line | undefined;
  /** An own entry was acknowledged. */
  stored(conversation: string, entry: SeenEntry): void;
}

/** What a device sends, by conversation: again over every new line, and after every answer that asks for it. */
export class DeviceSends {
  readonly #world: World;
  readonly #user: string;
  readonly #device: string;
  readonly #ends: SendEnds;
  readonly #outboxes = new Map<string, DeviceOutbox>();
  #count = 0;

  constructor(world: World, user: string, device: string, ends: SendEnds) {
    this.#world = world;
    this.#user = user;
    this.#device = device;
    this.#ends = ends;
  }

  /** Conversations with something unanswered. */
  get open(): number {
    return [...this.#outboxes.values()].filter((o) => !o.empty).length;
  }

  say(conversation: string): void {
    const clientId = `m-${this.#device}-${this.#count++}`;
    const text = `says ${clientId}${this.#world.padding}`;
    this.send(conversation, { type: 'send', clientId, content: { kind: 'text', text } });
  }

  send(conversation: string, frame: SendFrame): void {
    this.#outbox(conversation).add(frame);
    this.flush();
  }

  /** A clientId for what is no message of the socket: outside the order of messages. */
  otherId(): string {
    return `o-${this.#device}-${this.#count++}`;
  }

  /** Everything unanswered is given up. */
  cancel(): void {
    for (const outbox of this.#outboxes.values())
      for (const clientId of outbox.waiting)
        if (outbox.drop(clientId)) this.#world.checks.dropped.add(clientId);
  }

  /** The line is gone: everything unanswered goes out again over the next. */
  again(): void {
    for (const outbox of this.#outboxes.values()) outbox.again();
  }

  flush(): void {
    if (!this.#ends.line()) return;
    for (const outbox of this.#outboxes.values()) {
      if (outbox.empty) continue;
      outbox.flush(this.#world.clock.now);
      this.#expectAnswer(outbox);
    }
  }

  #outbox(conversation: string): DeviceOutbox {
    let outbox = this.#outboxes.get(conversation);
    if (!outbox) {
      outbox = new DeviceOutbox(conversation, (frame) => this.#ends.line()?.sendUp(frame));
      this.#outboxes.set(conversation, outbox);
    }
    return outbox;
  }

  /** A send without an answer for long goes out again. */
  #expectAnswer(outbox: DeviceOutbox): void {
    const { clock, rng } = this.#world;
    const since = outbox.oldest;
    clock.after(rng.int(10_000, 40_000), () => {
      if (since === undefined || outbox.oldest !== since) return;
      outbox.again();
      this.flush();
    });
  }

  acked(conversation: string, frame: Frame): void {
    const { clientId, seq, at } = frame as unknown as { clientId: string; seq: number; at: number };
    this.#world.checks.acked(this.#user, conversation, clientId, seq, at);
    const sent = this.#outbox(conversation).acked(clientId);
    if (sent) this.#ends.stored(conversation, ownEntry(sent, seq, at, this.#user));
  }

  /** @returns whether the error is about a send. */
  refused(conversation: string, frame: Frame): boolean {
    const { code, clientId, detail } = frame as unknown as {
      code: string;
      clientId?: string;
      detail: string;
    };
    if (clientId === undefined) return false;
    const outbox = this.#outbox(conversation);
    const { clock, rng, checks } = this.#world;
    if (LATER.has(code) || (code === 'conflict' && detail.startsWith('after'))) {
      outbox.again();
      clock.after(rng.int(200, 3_000), () => this.flush());
    } else if (outbox.drop(clientId)) checks.dropped.add(clientId);
    return true;
  }
}

function ownEntry(sent: SendFrame, seq: number, at: number, user: string): SeenEntry {
  const common = { seq, at, clientId: sent.clientId };
  switch (sent.type) {
    case 'send':
      return { type: 'message', from: user, content: sent.content, ...common };
    case 'edit':
      return { type: 'edit', by: user, target: sent.seq, content: sent.content, ...common };
    case 'delete':
      return { type: 'delete', by: user, target: sent.seq, ...common };
    case 'react':
      return { type: 'react', by: user, target: sent.seq, emoji: sent.emoji, on: sent.on, ...common };
  }
}
