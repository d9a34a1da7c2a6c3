import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bigEmojiIn, isLong, partsOf } from '../../../../web/features/chat/text-parts.ts';
import { bytesOf, splitTo, trimTo } from '../../../../web/features/chat/text-size.ts';

const linksIn = (text: string): string[] =>
  partsOf(text).flatMap((part) => (part.type === 'link' ? [part.href] : []));

describe('links', () => {
  test('are found with and without a scheme', () => {
    expect(linksIn('see https://example.com/a?b=c#d, or example.org.')).toEqual([
      'https://example.com/a?b=c#d',
      'http://example.org',
    ]);
    expect(linksIn('write to ada@example.com')).toEqual(['mailto:ada@example.com']);
  });
  test('lead nowhere a browser would run or fetch something else', () => {
    for (const text of [
      'javascript:alert(1)',
      'data:text/html,x',
      'ftp://example.com/x',
      '//example.com/x',
      'vbscript:x',
    ])
      for (const href of linksIn(text)) expect(href).toMatch(/^(https?|mailto):/);
    expect(linksIn('javascript:alert(1)')).toEqual([]);
    expect(linksIn('ftp://192.168.0.1/x')).toEqual([]);
  });
  test('and code leave every letter in its place', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const plain = text.replaceAll('`', "'");
        expect(
          partsOf(plain)
            .map((part) => part.text)
            .join(''),
        ).toBe(plain);
      }),
    );
  });
  test('code stands between its marks; a mark alone opens nothing', () => {
    expect(partsOf('a\n```\nls -l example.com\n```\nb')).toEqual([
      { type: 'text', text: 'a\n' },
      { type: 'code', text: 'ls -l example.com' },
      { type: 'text', text: '\nb' },
    ]);
    expect(
      partsOf('a ``` b')
        .map((part) => part.text)
        .join(''),
    ).toBe('a ``` b');
  });
});

test('only a few emoji and nothing else are shown big', () => {
  expect(bigEmojiIn('👍')).toBe(1);
  expect(bigEmojiIn('👩‍👩‍👧‍👦 🇩🇪 ❤️')).toBe(3);
  expect(bigEmojiIn('👍 ok')).toBe(0);
  expect(bigEmojiIn('12')).toBe(0);
  expect(bigEmojiIn('')).toBe(0);
  expect(bigEmojiIn('🙂'.repeat(6))).toBe(0);
});

test('a text is long by its lines, also those that break by themselves', () => {
  expect(isLong('x\n'.repeat(15))).toBe(false);
  expect(isLong('x\n'.repeat(30))).toBe(true);
  expect(isLong('word '.repeat(500))).toBe(true);
  expect(isLong('short')).toBe(false);
});

describe('what is too long', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 300 });
  const limit = fc.integer({ min: 40, max: 120 });
  test('bytes are those of UTF-8', () => {
    fc.assert(fc.property(text, (one) => bytesOf(one) === Buffer.byteLength(one)));
  });
  test('is cut to what fits, and no letter in two', () => {
    fc.assert(
      fc.property(text, limit, (one, most) => {
        const cut = trimTo(one, most);
        expect(bytesOf(cut)).toBeLessThanOrEqual(most);
        expect(one.startsWith(cut)).toBe(true);
        expect(cut.isWellFormed()).toBe(one.slice(0, cut.length).isWellFormed());
      }),
    );
    expect(trimTo('aa👩‍👩‍👧‍👦', 20)).toBe('aa');
    expect(trimTo('aaé', 3)).toBe('aa');
    expect(trimTo('whole', 5)).toBe('whole');
  });
  test('is split into parts that fit, and nothing but white space is lost', () => {
    const dense = (one: string): string => one.replace(/\s/g, '');
    fc.assert(
      fc.property(text, limit, (one, most) => {
        const parts = splitTo(one, most);
        for (const part of parts) expect(bytesOf(part)).toBeLessThanOrEqual(most);
        expect(dense(parts.join(''))).toBe(dense(one));
      }),
    );
  });
  test('breaks where the text does', () => {
    expect(splitTo('one two three\n\nfour five six seven', 20)).toEqual([
      'one two three',
      'four five six seven',
    ]);
    expect(splitTo('one two three four five', 10)).toEqual(['one two', 'three four', 'five']);
    expect(splitTo('x'.repeat(25), 10)).toEqual(['x'.repeat(10), 'x'.repeat(10), 'x'.repeat(5)]);
  });
});
