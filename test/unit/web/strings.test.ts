import { describe, expect, test } from 'vitest';
import { ar } from '../../../web/strings/ar.ts';
import { en } from '../../../web/strings/en.ts';
import type { Catalogue } from '../../../web/strings/message.ts';
import { createStrings } from '../../../web/strings/strings.ts';

const catalogues: Readonly<Record<'en' | 'ar', Catalogue>> = { en, ar };

const formsOf = (message: Catalogue[keyof Catalogue]): string[] =>
  typeof message === 'string' ? [message] : Object.values(message);

const namesIn = (text: string): string[] =>
  [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '').sort();

describe.each(['en', 'ar'] as const)('the catalogue %s', (language) => {
  const catalogue = catalogues[language];
  const keys = Object.keys(en) as (keyof typeof en)[];

  test('has every text, and no other', () => {
    expect(Object.keys(catalogue).sort()).toEqual([...keys].sort());
    for (const key of keys) for (const form of formsOf(catalogue[key])) expect(form.trim(), key).not.toBe('');
  });

  test('has exactly the plural forms of the language', () => {
    const categories = new Intl.PluralRules(language).resolvedOptions().pluralCategories.sort();
    const plurals = keys.filter((key) => typeof en[key] !== 'string');
    expect(plurals.length).toBeGreaterThan(3);
    for (const key of plurals) expect(Object.keys(catalogue[key]).sort(), key).toEqual(categories);
  });

  test('fills in the same names everywhere', () => {
    for (const key of keys) {
      const english = en[key];
      const wanted = namesIn(typeof english === 'string' ? english : english.other);
      const message = catalogue[key];
      expect(namesIn(typeof message === 'string' ? message : message.other), key).toEqual(wanted);
      // A form for one or two may say the number in words.
      for (const form of formsOf(message)) expect(wanted, key).toEqual(expect.arrayContaining(namesIn(form)));
    }
  });
});

test('a text has its values filled in, and the form that fits the number', () => {
  const { t } = createStrings('en', 'en-GB', en);
  expect(t('list.unread', { count: 1 })).toBe('1 unread message');
  expect(t('list.unread', { count: 1200 })).toBe('1,200 unread messages');
  expect(t('event.added', { name: '{whom}', whom: '$& Bob' })).toBe('{whom} added $& Bob');
});

test('Arabic counts in Arabic, and a Latin name does not turn the sentence over', () => {
  const { t, dir } = createStrings('ar', 'ar-EG', ar);
  expect(dir).toBe('rtl');
  expect(t('list.unread', { count: 2 })).toBe('رسالتان غير مقروءتين');
  expect(t('list.unread', { count: 3 })).toBe('٣ رسائل غير مقروءة');
  expect(t('list.unread', { count: 11 })).toBe('١١ رسالة غير مقروءة');
  expect(t('event.left', { name: 'Ada' })).toBe('غادر \u2068Ada\u2069');
  expect(t('event.left', { name: 'سلمى' })).toBe('غادر سلمى');
});

test('days are named from where the reader stands', () => {
  const { day, brief } = createStrings('en', 'en-GB', en);
  const now = new Date(2026, 4, 15, 12).getTime();
  const at = (date: number, hour = 9): number => new Date(2026, 4, date, hour, 5).getTime();
  expect([day(at(15), now), day(at(14, 23), now), day(at(12), now), day(at(2), now)]).toEqual([
    'Today',
    'Yesterday',
    'Tuesday',
    '2 May 2026',
  ]);
  expect([brief(at(15), now), brief(at(14), now), brief(at(2), now)]).toEqual([
    '09:05',
    'Yesterday',
    '02/05/26',
  ]);
});
