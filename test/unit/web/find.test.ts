import { expect, test } from 'vitest';
import { type Findable, fitOf, handleIn, ranked, wordsOf } from '../../../web/features/list/find.ts';
import { type Chosen, handlesIn, settle, withChosen } from '../../../web/features/new/chosen.ts';

const chat = (title: string, handles: readonly string[] = [], names: readonly string[] = []): Findable => ({
  title,
  names,
  handles,
});
const titlesFor = (query: string, all: readonly Findable[]): string[] =>
  ranked(all, wordsOf(query), (one) => one).map(({ title }) => title);

test('what begins with the words comes first, then what has them at the beginning of a word, then within', () => {
  const all = [chat('Submarine'), chat('Lake and marina'), chat('Marie Curie'), chat('Bob')];
  expect(titlesFor('mari', all)).toEqual(['Marie Curie', 'Lake and marina', 'Submarine']);
});

test('of equals the one that came first stays first, and without words all stay as they came', () => {
  const all = [chat('Anna'), chat('Ann'), chat('Annette')];
  expect(titlesFor('ann', all)).toEqual(['Anna', 'Ann', 'Annette']);
  expect(titlesFor('  ', all)).toEqual(['Anna', 'Ann', 'Annette']);
});

test('case, accents and Arabic vowel marks make no difference', () => {
  expect(titlesFor('zoe', [chat('Zoë')])).toEqual(['Zoë']);
  expect(titlesFor('ÅNGSTRÖM', [chat('angstrom')])).toEqual(['angstrom']);
  expect(titlesFor('سلمى', [chat('سَلْمَى')])).toEqual(['سَلْمَى']);
});

test('every word must be found, in the title, a name or a handle', () => {
  const group = chat('Mountains', ['lea_m', 'max'], ['Lea Marten', 'Max']);
  expect(fitOf(wordsOf('lea mount'), group)).toBeGreaterThan(0);
  expect(fitOf(wordsOf('lea sea'), group)).toBe(0);
});

test('a word with @ is a handle, from its beginning', () => {
  const all = [chat('Max', ['max']), chat('The maximum', ['lea'])];
  expect(titlesFor('@ma', all)).toEqual(['Max']);
  expect(titlesFor('@ax', all)).toEqual([]);
});

test('a handle is told from what can not be one', () => {
  expect(handleIn(' @Bob ')).toBe('bob');
  expect(handleIn('bo')).toBeUndefined();
  expect(handleIn('two words')).toBeUndefined();
});

test('handles may be pasted with anything between them, and count once', () => {
  expect(handlesIn('@ann, bob;  cy\n،dan @Ann')).toEqual(['ann', 'bob', 'cy', 'dan']);
  expect(handlesIn(' , ')).toEqual([]);
});

test('who is chosen twice is there once, and what is found out changes one alone', () => {
  const ann: Chosen = { handle: 'ann', state: 'looking' };
  const bob: Chosen = { handle: 'bob', state: 'looking' };
  const both = withChosen(withChosen([], [ann]), [ann, bob]);
  expect(both).toEqual([ann, bob]);
  expect(settle(both, { handle: 'bob', state: 'nobody' })).toEqual([ann, { handle: 'bob', state: 'nobody' }]);
  // Taken out meanwhile: it does not come back.
  expect(settle([ann], { handle: 'bob', state: 'nobody' })).toEqual([ann]);
});
