import { fits } from '../../schema/protocol/check.ts';
import { handle } from '../../schema/protocol/ids.ts';

const MAX = 32;

/**
 * Handles to try for somebody from an embedding product, best first: the one the product gives, one made from their
 * name, and the same with random digits. The last is free as good as always. `random` gives lower-case letters and
 * digits, as many as it is asked for.
 */
export function handleCandidates(
  wanted: string | undefined,
  name: string | undefined,
  random: (length: number) => string,
): string[] {
  const stems = [wanted, name].map((text) => plain(text ?? '')).filter((text) => text.length >= 3);
  const stem = stems[0] ?? 'user';
  const numbered = [4, 8].map((length) => `${stem.slice(0, MAX - length - 1)}_${random(length)}`);
  const candidates = [wanted ?? '', ...stems, ...numbered, `user_${random(20)}`];
  return [...new Set(candidates)].filter((candidate) => fits(handle, candidate));
}

/** `Zoë O'Neil` to `zoe_o_neil`. */
function plain(text: string): string {
  return text
    .slice(0, 256)
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9_.]+/g, '_')
    .replace(/^_+(?=[a-z0-9])|(?<=[a-z0-9])_+$/g, '')
    .slice(0, MAX);
}
