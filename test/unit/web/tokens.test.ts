import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const css = readFileSync(new URL('../../../web/styles/tokens.css', import.meta.url), 'utf8');

type Scheme = 'light' | 'dark';

/** The colour of a token, as three numbers from 0 to 1. */
function colour(token: string, scheme: Scheme): readonly number[] {
  const value = new RegExp(`--${token}:\\s*([^;]+);`).exec(css)?.[1] ?? '';
  const [light = '', dark = light] = value.match(/#[0-9a-f]{6}/g) ?? [];
  const hex = scheme === 'light' ? light : dark;
  if (hex === '') throw new Error(`--${token} is no colour`);
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);
}

/** The token `--code`, which lets through what it lies on, over the colour of another one. */
function veiled(token: string, scheme: Scheme): readonly number[] {
  const value = /--code:\s*([^;]+);/.exec(css)?.[1] ?? '';
  const [light, dark] = [...value.matchAll(/rgb\((\d+) (\d+) (\d+) \/ (\d+)%\)/g)];
  const [, ...parts] = (scheme === 'light' ? light : dark) ?? [];
  const [red = 0, green = 0, blue = 0, percent = 0] = parts.map(Number);
  const below = colour(token, scheme);
  return [red, green, blue].map(
    (part, i) => (part / 255) * (percent / 100) + (below[i] ?? 0) * (1 - percent / 100),
  );
}

/** WCAG 2.2, relative luminance. */
function luminance(parts: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = parts.map((part) =>
    part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** The same, contrast ratio. */
function ratio(one: readonly number[], other: readonly number[]): number {
  const [a = 0, b = 0] = [luminance(one), luminance(other)].sort((x, y) => y - x);
  return (a + 0.05) / (b + 0.05);
}

const contrast = (one: string, other: string, scheme: Scheme): number =>
  ratio(colour(one, scheme), colour(other, scheme));

const GROUNDS = ['ground', 'surface', 'raised', 'sunken', 'hover', 'chosen'];
const TONES = Array.from({ length: 8 }, (_, tone) => tone);
/** Words, and what they stand on. */
const WORDS: readonly (readonly [string, readonly string[]])[] = [
  ['text', [...GROUNDS, 'own', 'danger-ground', 'warning-ground']],
  ['soft', GROUNDS],
  ['accent', GROUNDS],
  ['link', ['surface', 'raised', 'ground', 'own']],
  ['on-accent', ['accent', 'accent-strong']],
  ['own-soft', ['own']],
  ['read', ['own']],
  ['danger', ['surface', 'raised', 'ground', 'danger-ground']],
  ['on-danger', ['danger']],
  ['warning', ['warning-ground']],
  ...TONES.map((tone) => [`name-${tone}`, ['surface']] as const),
];

describe.each(['light', 'dark'] as const)('in %s', (scheme) => {
  test.each(WORDS)('%s can be read where it stands (4.5:1)', (word, grounds) => {
    for (const ground of grounds)
      expect(contrast(word, ground, scheme), `on ${ground}`).toBeGreaterThanOrEqual(4.5);
  });

  test('a quote and its author can be read in a bubble and above the field to write in (4.5:1)', () => {
    for (const word of ['text', 'soft', ...TONES.map((tone) => `name-${tone}`)])
      for (const ground of ['surface', 'own'])
        expect(
          ratio(colour(word, scheme), veiled(ground, scheme)),
          `${word} on ${ground}`,
        ).toBeGreaterThanOrEqual(4.5);
  });

  test('the edges of fields, and the focus, can be seen (3:1)', () => {
    for (const ground of ['surface', 'ground']) {
      expect(contrast('control-line', ground, scheme)).toBeGreaterThanOrEqual(3);
      expect(contrast('accent', ground, scheme)).toBeGreaterThanOrEqual(3);
    }
  });
});

test('white letters can be read on the grounds of avatars', () => {
  for (const tone of TONES)
    expect(ratio([1, 1, 1], colour(`tone-${tone}`, 'light')), `tone ${tone}`).toBeGreaterThanOrEqual(4.5);
});
