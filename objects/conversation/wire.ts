import type { WireEntry } from '../shared/rpc.ts';
import type { EntryRow } from './store.ts';

/**
 * Log entries as wire frames, written as text: ids need no escaping and bodies are JSON already, so nothing is parsed
 * or serialised again however many people an entry goes to. The text lacks its opening brace; a frame is
 * `{"cursor":…,` + text, an entry of a batch `{` + text.
 */

/** Present state of a message, kept as JSON in its row. */
export interface MessageState {
  readonly editedAt?: number;
  readonly deletedAt?: number;
  readonly reactions?: Readonly<Record<string, string[]>>;
  /** What the first send said, so that a late retry of it is still recognised (P3). */
  readonly original: string;
}

export interface WireContext {
  readonly conversation: string;
  readonly userOf: (n: number) => string;
  /** The row of a message that an entry is about. */
  readonly message: (seq: number) => EntryRow | undefined;
}

export const DELETED_CONTENT = '{"kind":"deleted"}';

/** `"content":…[,"replyTo":…]`, the stored body of a message. */
export function messageBody(content: string, replyTo: number | undefined): string {
  return replyTo === undefined ? `"content":${content}` : `"content":${content},"replyTo":${replyTo}`;
}

export function contentOf(body: string): string {
  const { content } = JSON.parse(`{${body}}`) as { content: unknown };
  return JSON.stringify(content);
}

function stateFields(state: string | undefined): string {
  if (state === undefined) return '';
  const { original: _, ...shown } = JSON.parse(state) as MessageState;
  const text = JSON.stringify(shown);
  return text === '{}' ? '' : `,${text.slice(1, -1)}`;
}

export function entryJson(e: EntryRow, ctx: WireContext): string {
  const head = `"type":"${e.type}","conversation":"${ctx.conversation}","seq":${e.seq}`;
  const by = ctx.userOf(e.sender);
  switch (e.type) {
    case 'message':
      return `${head},"ordinal":${e.ordinal},"from":"${by}","at":${e.at},"clientId":"${e.clientId}",${e.body}${stateFields(e.state)}}`;
    case 'edit': {
      // The text of an edit is the message's present one: a later deletion takes it out of the edits too.
      const { target } = JSON.parse(`{${e.body}}`) as { target: number };
      const message = ctx.message(target);
      return `${head},"at":${e.at},"by":"${by}","target":${target},"content":${message ? contentOf(message.body) : DELETED_CONTENT}}`;
    }
    case 'delete':
    case 'react':
    case 'member':
    case 'conversation':
      return `${head},"at":${e.at},"by":"${by}",${e.body}}`;
  }
}

export function withheldJson(conversation: string, seq: number): string {
  return `"type":"withheld","conversation":"${conversation}","seq":${seq}}`;
}

/** The entry as member `n` may see it. */
export function wireFor(e: EntryRow, n: number, ctx: WireContext): WireEntry {
  return { seq: e.seq, json: e.hidden === n ? withheldJson(ctx.conversation, e.seq) : entryJson(e, ctx) };
}
