import type { Content } from '../../schema/protocol/content.ts';

export type SendFrame =
  | { readonly type: 'send'; readonly clientId: string; readonly content: Content; readonly replyTo?: number }
  | { readonly type: 'edit'; readonly clientId: string; readonly seq: number; readonly content: Content }
  | { readonly type: 'delete'; readonly clientId: string; readonly seq: number }
  | {
      readonly type: 'react';
      readonly clientId: string;
      readonly seq: number;
      readonly emoji: string;
      readonly on: boolean;
    };

interface Item {
  readonly frame: SendFrame;
  sentAt: number | undefined;
}

/** What a device sends in one conversation: in order, again under the same clientId until it is answered. */
export class DeviceOutbox {
  readonly #conversation: string;
  readonly #transmit: (frame: string) => void;
  #items: Item[] = [];
  /** The last message known to be stored. */
  #stored: string | undefined;

  constructor(conversation: string, transmit: (frame: string) => void) {
    this.#conversation = conversation;
    this.#transmit = transmit;
  }

  get empty(): boolean {
    return this.#items.length === 0;
  }

  get waiting(): string[] {
    return this.#items.map((item) => item.frame.clientId);
  }

  /** When the oldest unanswered send went out. */
  get oldest(): number | undefined {
    return this.#items[0]?.sentAt;
  }

  add(frame: SendFrame): void {
    this.#items.push({ frame, sentAt: undefined });
  }

  /** Sends what was not sent, in order. */
  flush(now: number): void {
    let after = this.#stored;
    for (const item of this.#items) {
      if (item.sentAt === undefined) {
        item.sentAt = now;
        const { type, ...fields } = item.frame;
        const named = type === 'send' && after !== undefined ? { after } : {};
        this.#transmit(JSON.stringify({ type, conversation: this.#conversation, ...fields, ...named }));
      }
      if (item.frame.type === 'send') after = item.frame.clientId;
    }
  }

  /** Everything is sent again, from the first. */
  again(): void {
    for (const item of this.#items) item.sentAt = undefined;
  }

  /** @returns what was acknowledged. */
  acked(clientId: string): SendFrame | undefined {
    const item = this.#items.find((i) => i.frame.clientId === clientId);
    if (!item) return undefined;
    this.#items = this.#items.filter((i) => i !== item);
    if (item.frame.type === 'send') this.#stored = clientId;
    return item.frame;
  }

  drop(clientId: string): boolean {
    const before = this.#items.length;
    this.#items = this.#items.filter((i) => i.frame.clientId !== clientId);
    return this.#items.length < before;
  }
}
