import type { User } from '../../../client/index.ts';

/** Somebody to be in the group, as far as it is known who that is. */
export type Chosen = { readonly handle: string } & (
  | { readonly state: 'looking' | 'nobody' | 'failed' }
  | { readonly state: 'there'; readonly user: User }
);

/** Handles somebody wrote or pasted, with anything between them that no handle has. */
export function handlesIn(text: string): string[] {
  const parts = text
    .toLowerCase()
    .split(/[\s,;،؛]+/)
    .map((part) => part.replace(/^@/, ''));
  return [...new Set(parts.filter((part) => part !== ''))];
}

/** With those who are new, at the end. */
export function withChosen(all: readonly Chosen[], added: readonly Chosen[]): Chosen[] {
  const known = new Set(all.map(({ handle }) => handle));
  return [...all, ...added.filter(({ handle }) => !known.has(handle))];
}

/** With what was found out about one of them. */
export const settle = (all: readonly Chosen[], one: Chosen): Chosen[] =>
  all.map((chosen) => (chosen.handle === one.handle ? one : chosen));
