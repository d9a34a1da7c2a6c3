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

/** WCAG 2.2, relative luminance and contrast ratio. */
function contrast(one: string, other: string, scheme: Scheme): number {
  const [a = 0, b = 0] = [one, other]
    .map((token) => {
      const [red = 0, green = 0, blue = 0] = colour(token, scheme).map((part) =>
        part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
      );
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    })
    .sort((x, y) => y - x);
  return (a + 0.05) / (b + 0.05);
}

const GROUNDS = ['ground', 'surface', 'raised', 'sunken', 'hover', 'chosen'];
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
];

describe.each(['light', 'dark'] as const)('in %s', (scheme) => {
  test.each(WORDS)('%s can be read where it stands (4.5:1)', (word, grounds) => {
    for (const ground of grounds)
      expect(contrast(word, ground, scheme), `on ${ground}`).toBeGreaterThanOrEqual(4.5);
  });

  test('the edges of fields, and the focus, can be seen (3:1)', () => {
    for (const ground of ['surface', 'ground']) {
      expect(contrast('control-line', ground, scheme)).toBeGreaterThanOrEqual(3);
      expect(contrast('accent', ground, scheme)).toBeGreaterThanOrEqual(3);
    }
  });
});

test('white letters can be read on the grounds of avatars', () => {
  for (let tone = 0; tone < 8; tone++) {
    const [red = 0, green = 0, blue = 0] = colour(`tone-${tone}`, 'light').map((part) =>
      part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
    );
    const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    expect(1.05 / (luminance + 0.05), `tone ${tone}`).toBeGreaterThanOrEqual(4.5);
  }
});
