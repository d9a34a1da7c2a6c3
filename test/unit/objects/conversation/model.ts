import { advance, type Mark, NO_MARK } from '../../../../objects/conversation/marks.ts';
import type { ConversationKind } from '../../../../objects/shared/rpc.ts';

/** What one op asks for, as the script of the model-based test writes it. */
export interface Asked {
  readonly type: 'message' | 'edit' | 'delete';
  readonly clientId: string;
  readonly text: string;
  readonly target: number;
  readonly after: string | undefined;
}

interface ModelEntry {
  readonly who: string;
  readonly asked: Asked;
  /** Of a message: what it says now; undefined when it was deleted. */
  text: string | undefined;
  edited: boolean;
}

export type Outcome = string | { readonly seq: number; readonly duplicate: boolean };

/** A conversation as an array: what the real one must look like from outside. */
export class Model {
  readonly entries: ModelEntry[] = [];
  readonly marks = new Map<string, Mark>();
  readonly #kind: ConversationKind;
  readonly #owner: string;

  constructor(kind: ConversationKind, owner: string) {
    this.#kind = kind;
    this.#owner = owner;
  }

  append(who: string, asked: Asked): Outcome {
    const before = this.#find(who, asked.clientId);
    if (before !== undefined)
      return this.#same(before, asked) ? { seq: before + 1, duplicate: true } : 'client_id_reused';
    const refused = this.#refused(who, asked);
    if (refused) return refused;
    const target = this.entries[asked.target - 1];
    if (asked.type === 'edit' && target) Object.assign(target, { text: asked.text, edited: true });
    if (asked.type === 'delete' && target) Object.assign(target, { text: undefined, edited: false });
    this.entries.push({ who, asked, text: asked.text, edited: false });
    return { seq: this.entries.length, duplicate: false };
  }

  #find(who: string, clientId: string): number | undefined {
    const at = this.entries.findIndex((e) => e.who === who && e.asked.clientId === clientId);
    return at < 0 ? undefined : at;
  }

  #same(at: number, asked: Asked): boolean {
    const first = this.entries[at]?.asked;
    const said = (a: Asked): unknown[] => [
      a.type,
      a.type === 'delete' || a.text,
      a.type === 'message' || a.target,
    ];
    return first !== undefined && JSON.stringify(said(first)) === JSON.stringify(said(asked));
  }

  #refused(who: string, asked: Asked): string | undefined {
    if (asked.type === 'message')
      return asked.after !== undefined && this.#find(who, asked.after) === undefined ? 'held' : undefined;
    const target = this.entries[asked.target - 1];
    if (target?.asked.type !== 'message') return 'not_found';
    if (asked.type === 'edit' && target.text === undefined) return 'conflict';
    const moderates = this.#kind === 'group' && who === this.#owner;
    if (target.who !== who && !(asked.type === 'delete' && moderates)) return 'forbidden';
    return undefined;
  }

  /** Marks became durable. */
  marked(who: string, delivered: number, read: number): void {
    this.marks.set(who, advance(this.markOf(who), delivered, read, this.entries.length));
  }

  markOf(who: string): Mark {
    return this.marks.get(who) ?? NO_MARK;
  }

  /** Numbers in (`after`, `before`), of messages alone if wanted, cut to `limit` at either end. */
  range(q: {
    after?: number;
    before?: number;
    limit: number;
    newest: boolean;
    messages?: boolean;
  }): number[] {
    const all = this.entries
      .map((_, i) => i + 1)
      .filter((seq) => seq > (q.after ?? 0) && seq < (q.before ?? Number.MAX_SAFE_INTEGER))
      .filter((seq) => !q.messages || this.entries[seq - 1]?.asked.type === 'message');
    if (q.limit === 0) return [];
    return q.newest ? all.slice(-q.limit) : all.slice(0, q.limit);
  }

  /** What a frame of that entry says. */
  frame(seq: number): object {
    const { who, asked, text, edited } = this.entries[seq - 1] as ModelEntry;
    const content = (of: string | undefined): object =>
      of === undefined ? { kind: 'deleted' } : { kind: 'text', text: of };
    const base = { type: asked.type, conversation: 'c_1', seq };
    if (asked.type === 'delete') return { ...base, by: who, target: asked.target };
    if (asked.type === 'edit') {
      const now = this.entries[asked.target - 1]?.text;
      return { ...base, by: who, target: asked.target, content: content(now) };
    }
    const ordinal = this.range({ before: seq + 1, limit: seq, newest: false, messages: true }).length;
    const state = {
      ...(edited ? { editedAt: 0 } : {}),
      ...(text === undefined ? { deletedAt: 0 } : {}),
    };
    return { ...base, ordinal, from: who, clientId: asked.clientId, content: content(text), ...state };
  }
}
