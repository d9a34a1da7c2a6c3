/** What is looked for among: a title, names, and handles. */
export interface Findable {
  readonly title: string;
  readonly names: readonly string[];
  readonly handles: readonly string[];
}

/** The same letters however they are written: without case, accents and vowel marks. */
export const plain = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}|\u0640/gu, '')
    .toLowerCase();

/** Words of what somebody looks for. */
export const wordsOf = (query: string): readonly string[] =>
  plain(query)
    .split(/\s+/)
    .filter((word) => word !== '' && word !== '@');

/**
 * How well something fits: 0 not at all, 3 where the title begins so. Every word must be found; one
 * that begins with `@` in the beginning of a handle.
 */
export function fitOf(words: readonly string[], { title, names, handles }: Findable): number {
  const heading = plain(title);
  const texts = [heading, ...names.map(plain)];
  const found = (word: string): number => {
    const handle = word.replace(/^@/, '');
    const named = handles.some((one) => one.startsWith(handle));
    // Somebody's own chat comes before the groups they are in.
    const own = named && handles.length === 1;
    if (word.startsWith('@')) return own ? 3 : named ? 2 : 0;
    if (own || heading.startsWith(word)) return 3;
    if (named || texts.some((text) => beginsWord(text, word))) return 2;
    return texts.some((text) => text.includes(word)) || handles.some((one) => one.includes(word)) ? 1 : 0;
  };
  return words.length === 0 ? 1 : Math.min(...words.map(found));
}

function beginsWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1] ?? '')) return true;
  }
  return false;
}

/** Those that fit, the best first; of equals the one that came first. */
export function ranked<T>(all: readonly T[], words: readonly string[], findable: (one: T) => Findable): T[] {
  return all
    .map((one, place) => ({ one, place, fit: fitOf(words, findable(one)) }))
    .filter((entry) => entry.fit > 0)
    .sort((a, b) => b.fit - a.fit || a.place - b.place)
    .map((entry) => entry.one);
}

const HANDLE = /^@?([a-z0-9_.]{3,32})$/;

/** The handle somebody may have written; undefined: it can't be one. */
export const handleIn = (text: string): string | undefined => HANDLE.exec(text.trim().toLowerCase())?.[1];
