const encoder = new TextEncoder();

/** Bytes of a text in UTF-8, which is what the service counts. */
export const bytesOf = (text: string): number => encoder.encode(text).length;

/** The beginning of a text that fits into `limit` bytes; no letter is cut in two. */
export function trimTo(text: string, limit: number): string {
  if (bytesOf(text) <= limit) return text;
  const { read } = encoder.encodeInto(text, new Uint8Array(limit));
  return text.slice(0, wholeLetters(text, read));
}

/** The last place up to `end` where a letter as people see it ends; one that is longer than everything is cut. */
function wholeLetters(text: string, end: number): number {
  // Only the neighbourhood is looked at: a letter of more units than this is no letter.
  const from = Math.max(0, end - 64);
  const segments = new Intl.Segmenter().segment(text.slice(from, end + 64));
  const at = segments.containing(end - from)?.index;
  return at === undefined || at === 0 ? end : from + at;
}

/**
 * A text as several that fit into `limit` bytes each: broken after a paragraph if one ends in the last half, else after a
 * line, a sentence, a word, and only then anywhere. White space at the breaks goes, everything else stays.
 */
export function splitTo(text: string, limit: number): readonly string[] {
  const parts: string[] = [];
  let rest = text.trim();
  while (bytesOf(rest) > limit) {
    const fits = trimTo(rest, limit);
    const at = breakIn(fits);
    parts.push(rest.slice(0, at).trimEnd());
    rest = rest.slice(at).trimStart();
  }
  return rest === '' ? parts : [...parts, rest];
}

const BREAKS = ['\n\n', '\n', '. ', ' '] as const;

function breakIn(text: string): number {
  for (const mark of BREAKS) {
    const at = text.lastIndexOf(mark);
    if (at > text.length / 2) return at + mark.length;
  }
  return text.length;
}
