import { LinkifyIt } from 'linkify-it';

export type TextPart =
  | { readonly type: 'text' | 'code'; readonly text: string }
  | { readonly type: 'link'; readonly text: string; readonly href: string };

const SAFE = /^(?:https?|mailto):/i;

// `example.com` and `ada@example.com` count too; other schemes, also those a browser would run, don't.
const linkify = new LinkifyIt({ fuzzyLink: true, fuzzyEmail: true }).add('ftp:', null).add('//', null);

/** A text in pieces: what is plain, what is an address to go to, and what stands between ``` as code. */
export function partsOf(text: string): readonly TextPart[] {
  return text.split('```').flatMap((piece, index, all): readonly TextPart[] => {
    // An odd number of marks: the last one opens nothing.
    const open = index % 2 === 1;
    if (open && index === all.length - 1) return [{ type: 'text', text: '```' }, ...linksOf(piece)];
    if (!open) return linksOf(piece);
    return [{ type: 'code', text: piece.replace(/^\n|\n$/g, '') }];
  });
}

function linksOf(text: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const { index, lastIndex, url } of (text !== '' && linkify.match(text)) || []) {
    if (!SAFE.test(url)) continue;
    if (index > end) parts.push({ type: 'text', text: text.slice(end, index) });
    parts.push({ type: 'link', text: text.slice(index, lastIndex), href: url });
    end = lastIndex;
  }
  if (end < text.length) parts.push({ type: 'text', text: text.slice(end) });
  return parts;
}

// As text, since the compiler's target is older than this flag.
const EMOJI = String.raw`^(?:\p{RGI_Emoji}|\s)+$`;
const ONLY_EMOJI = new RegExp(EMOJI, 'v');
const MOST_BIG = 5;

/** How many emoji a text has that has nothing else, if they are few enough to be shown big; else 0. */
export function bigEmojiIn(text: string): number {
  // The longest one has dozens of units.
  if (text.length > MOST_BIG * 40 || !ONLY_EMOJI.test(text)) return 0;
  const count = [...new Intl.Segmenter().segment(text.replace(/\s/g, ''))].length;
  return count <= MOST_BIG ? count : 0;
}

const FOLDED_LINES = 20;
/** Letters of a line, roughly. */
const LINE = 70;

/** A text of so many lines is shown in part at first. */
export function isLong(text: string): boolean {
  let lines = 0;
  let from = 0;
  while (from <= text.length && lines <= FOLDED_LINES + 2) {
    const end = text.indexOf('\n', from);
    const length = (end < 0 ? text.length : end) - from;
    lines += Math.max(1, Math.ceil(length / LINE));
    if (end < 0) break;
    from = end + 1;
  }
  return lines > FOLDED_LINES + 2;
}
