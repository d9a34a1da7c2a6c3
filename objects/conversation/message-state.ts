import type { Op } from '../shared/rpc.ts';
import type { EntryRow } from './store.ts';

/** What later entries made of a message, kept as JSON in its row: the row holds what the message shows now. */

export interface Shown {
  readonly editedAt?: number;
  readonly deletedAt?: number;
  readonly reactions?: Readonly<Record<string, string[]>>;
}

/** What somebody else sees, body and all. */
type Kept = Shown & { readonly body: string };

interface MessageState extends Shown {
  /** Checksum of what the first send said, so that a late retry of it is still recognised (P3); the text may be gone. */
  readonly sum: number;
  /** By number of the member: what those see from whom a change is withheld, who blocked its author (P7). */
  readonly kept?: Readonly<Record<string, Kept>>;
}

type Change = Exclude<Op, { type: 'message' }>;

export const DELETED_CONTENT = '{"kind":"deleted"}';

/** `"content":…[,"replyTo":…]`, the stored body of a message. */
export function messageBody(content: string, replyTo: number | undefined): string {
  return replyTo === undefined ? `"content":${content}` : `"content":${content},"replyTo":${replyTo}`;
}

export function contentOf(body: string): string {
  const { content } = JSON.parse(`{${body}}`) as { content: unknown };
  return JSON.stringify(content);
}

const stateOf = (row: EntryRow): MessageState =>
  row.state === undefined ? { sum: sumOf(row.body) } : (JSON.parse(row.state) as MessageState);

/** The message as member `n` sees it; undefined for what most see. */
export function seenBy(row: EntryRow, n: number | undefined): Kept {
  if (row.state === undefined) return { body: row.body };
  const { sum: _, kept, ...shown } = stateOf(row);
  return (n === undefined ? undefined : kept?.[n]) ?? { body: row.body, ...shown };
}

/** Whether `body` is what the message said when it was sent. */
export const saidFirst = (row: EntryRow, body: string): boolean => sumOf(body) === stateOf(row).sum;

/**
 * The row's new body and state after a change by `user`.
 * @param hidden number of the member from whom the change is withheld: they keep what they saw.
 */
export function changed(
  row: EntryRow,
  op: Change,
  user: string,
  hidden: number | undefined,
  now: number,
): { body: string; state: string } {
  const { sum, kept = {}, ...shown } = stateOf(row);
  const { replyTo } = JSON.parse(`{${row.body}}`) as { replyTo?: number };
  const apply = (before: Kept): Kept => {
    switch (op.type) {
      case 'edit':
        return { ...before, body: messageBody(JSON.stringify(op.content), replyTo), editedAt: now };
      case 'delete':
        return { body: messageBody(DELETED_CONTENT, replyTo), deletedAt: before.deletedAt ?? now };
      case 'react':
        return { ...before, reactions: reacted(before.reactions ?? {}, op, user) };
    }
  };
  const main = { body: row.body, ...shown };
  const others = new Map(Object.entries(kept).map(([n, seen]) => [Number(n), seen]));
  if (hidden !== undefined && row.hidden === undefined && !others.has(hidden)) others.set(hidden, main);
  for (const [n, seen] of others) if (n !== hidden) others.set(n, apply(seen));
  const { body, ...next } = apply(main);
  // A deletion is withheld from nobody, so nobody keeps the text.
  const rest = op.type === 'delete' || others.size === 0 ? {} : { kept: Object.fromEntries(others) };
  return { body, state: JSON.stringify({ sum, ...next, ...rest } satisfies MessageState) };
}

/** Reactions after `user` puts one on or takes it off. */
function reacted(
  reactions: Readonly<Record<string, string[]>>,
  op: Extract<Op, { type: 'react' }>,
  user: string,
): Record<string, string[]> {
  const all = new Map(Object.entries(reactions));
  const by = new Set(all.get(op.emoji) ?? []);
  if (op.on) by.add(user);
  else by.delete(user);
  if (by.size > 0) all.set(op.emoji, [...by]);
  else all.delete(op.emoji);
  return Object.fromEntries(all);
}

const sumOf = (body: string): number => checksum(canonical(`{${body}}`));

/** JSON with sorted keys: the same content whatever order its fields came in. */
export function canonical(json: string): string {
  const sort = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sort);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([k, v]) => [k, sort(v)]),
    );
  };
  return JSON.stringify(sort(JSON.parse(json)));
}

/** FNV-1a, 32 bits: enough to tell a retry from a mistake; nobody gains by a collision with their own message. */
export function checksum(value: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < value.length; i++) hash = Math.imul(hash ^ value.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
