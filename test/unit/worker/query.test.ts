import { describe, expect, test } from 'vitest';
import { integerParam, markParam, pageLimit, stretchOf } from '../../../worker/query.ts';

const query = (text: string) => new URLSearchParams(text);
const limits = { page: 100 };

describe('integerParam', () => {
  test.each([
    ['', undefined],
    ['n=0', 0],
    ['n=7', 7],
    ['n=007', 7],
    ['n=50', 50],
  ])('%j is %s', (text, value) => {
    expect(integerParam(query(text), 'n', 0, 50)).toEqual({ ok: true, value });
  });

  test.each([
    'n=',
    'n=-1',
    'n=51',
    'n=1.5',
    'n=1e1',
    'n=0x1',
    'n=%207',
    'n=NaN',
    'n=99999999999999999999',
    'n=1&n=2',
  ])('P8 %j is bad_request naming it', (text) => {
    expect(integerParam(query(text), 'n', 0, 50)).toMatchObject({
      ok: false,
      code: 'bad_request',
      detail: expect.stringContaining('n:'),
    });
  });
});

describe('stretchOf', () => {
  const all = ['before', 'after', 'around'] as const;

  test.each([
    ['', { limit: 100 }],
    ['limit=5', { limit: 5 }],
    ['before=9', { limit: 100, before: 9 }],
    ['after=0&limit=1', { limit: 1, after: 0 }],
    ['around=3', { limit: 100, around: 3 }],
  ])('%j', (text, value) => {
    expect(stretchOf(query(text), limits, all)).toEqual({ ok: true, value });
  });

  test.each([
    ['before=1&after=2', 'after'],
    ['after=2&around=1', 'around'],
    ['before=0', 'before'],
    ['limit=101', 'limit'],
    ['around=x', 'around'],
  ])('P8 %j is bad_request naming %s', (text, name) => {
    expect(stretchOf(query(text), limits, all)).toMatchObject({
      ok: false,
      detail: expect.stringContaining(name),
    });
  });

  test('P8 a position the route does not know is refused', () => {
    expect(stretchOf(query('around=1'), limits, ['before', 'after'])).toMatchObject({
      ok: false,
      code: 'bad_request',
    });
  });
});

test('the page is a setting', () => {
  expect(pageLimit(query(''), { page: 20 })).toEqual({ ok: true, value: 20 });
  expect(pageLimit(query('limit=21'), { page: 20 }).ok).toBe(false);
});

test('marks are taken as they were given out', () => {
  expect(markParam(query('before=a.b:c'), 'before')).toEqual({ ok: true, value: 'a.b:c' });
  expect(markParam(query(''), 'before')).toEqual({ ok: true, value: undefined });
  expect(markParam(query('before='), 'before').ok).toBe(false);
  expect(markParam(query(`before=${'x'.repeat(129)}`), 'before').ok).toBe(false);
});
