import type { Draft } from '../../client/index.ts';
import { keep, kept } from '../state/kept.ts';
import { keptUser } from './session.ts';

/*
 * What somebody was writing when their window went. A write of the database that is under way then is not finished, and
 * one that is begun may come to nothing; this is kept at once. The client's draft takes its place as soon as it can.
 */

const keyOf = (user: string, conversation: string): string => `parley.draft.${user}.${conversation}`;

/** Also that nothing is being written any more: what was sent does not come back as a draft. */
export function keepLastWords(user: string, conversation: string, draft: Draft): void {
  // Who logged out, in whichever window, leaves nothing behind.
  if (keptUser() === user) keep(keyOf(user, conversation), JSON.stringify(draft));
}

export const dropLastWords = (user: string, conversation: string): void =>
  keep(keyOf(user, conversation), undefined);

/** Undefined: nothing but what the client keeps. */
export function lastWords(user: string, conversation: string): Draft | undefined {
  try {
    const value: unknown = JSON.parse(kept(keyOf(user, conversation)) ?? 'null');
    return isDraft(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isDraft(value: unknown): value is Draft {
  if (typeof value !== 'object' || value === null || !('text' in value)) return false;
  const replyTo = 'replyTo' in value ? value.replyTo : undefined;
  return typeof value.text === 'string' && (replyTo === undefined || typeof replyTo === 'number');
}
