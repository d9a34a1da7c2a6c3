import type { WireEntry } from '../shared/rpc.ts';
import { contentOf, DELETED_CONTENT, type Shown, seenBy } from './message-state.ts';
import type { EntryRow } from './store.ts';

/**
 * Log entries as wire frames, written as text: ids need no escaping and bodies are JSON already, so nothing is parsed
 * or serialised again however many people an entry goes to. The text lacks its opening brace; a frame is
 * `{"cursor":…,` + text, an entry of a batch `{` + text.
 */

export interface WireContext {
  readonly conversation: string;
  readonly userOf: (n: number) => string;
  /** The row of a message that an entry is about. */
  readonly message: (seq: number) => EntryRow | undefined;
}

function shownFields(shown: Shown): string {
  const text = JSON.stringify(shown);
  return text === '{}' ? '' : `,${text.slice(1, -1)}`;
}

/** @param viewer number of the member who gets it, where it may differ from what most see. */
export function entryJson(e: EntryRow, ctx: WireContext, viewer?: number): string {
  const head = `"type":"${e.type}","conversation":"${ctx.conversation}","seq":${e.seq}`;
  const by = ctx.userOf(e.sender);
  switch (e.type) {
    case 'message': {
      const { body, ...shown } = seenBy(e, viewer);
      return `${head},"ordinal":${e.ordinal},"from":"${by}","at":${e.at},"clientId":"${e.clientId}",${body}${shownFields(shown)}}`;
    }
    case 'edit': {
      // The text of an edit is the message's present one: a later deletion takes it out of the edits too.
      const { target } = JSON.parse(`{${e.body}}`) as { target: number };
      const message = ctx.message(target);
      return `${head},"at":${e.at},"by":"${by}","target":${target},"content":${message ? contentOf(seenBy(message, viewer).body) : DELETED_CONTENT}}`;
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
  return { seq: e.seq, json: e.hidden === n ? withheldJson(ctx.conversation, e.seq) : entryJson(e, ctx, n) };
}
