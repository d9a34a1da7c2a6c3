import { describe, expect, test } from 'vitest';
import { AddressLimit, addressOf } from '../../../worker/auth/address-limit.ts';

const minute = 60_000;

describe('P8 AddressLimit', () => {
  const allowed = (limit: AddressLimit, address: string, times: number, now: number) =>
    Array.from({ length: times }, () => limit.take(address, 30, now)).filter((failure) => !failure).length;

  test('lets through a minute of attempts at once, and then as they come back', () => {
    const limit = new AddressLimit();
    expect(allowed(limit, 'a', 100, 0)).toBe(30);
    expect(allowed(limit, 'a', 100, 2_000)).toBe(1);
    expect(allowed(limit, 'a', 100, 2_000 + minute)).toBe(30);
    expect(allowed(limit, 'a', 100, 100 * minute)).toBe(30);
  });

  test('says how long to wait, and waiting that long is enough', () => {
    const limit = new AddressLimit();
    allowed(limit, 'a', 30, 0);
    const refused = limit.take('a', 30, 500);
    expect(refused).toMatchObject({ code: 'rate_limited', retryAfter: 2 });
    expect(limit.take('a', 30, 500 + 2_000)).toBeUndefined();
  });

  test('counts each address by itself', () => {
    const limit = new AddressLimit();
    expect(allowed(limit, 'a', 100, 0)).toBe(30);
    expect(allowed(limit, 'b', 100, 0)).toBe(30);
  });

  test('forgets the address that was longest unused', () => {
    const limit = new AddressLimit(2);
    allowed(limit, 'a', 30, 0);
    allowed(limit, 'b', 30, 0);
    allowed(limit, 'a', 1, 0);
    allowed(limit, 'c', 1, 0);
    expect(allowed(limit, 'a', 1, 0)).toBe(0);
    expect(allowed(limit, 'b', 1, 0)).toBe(1);
  });

  test('tells without taking', () => {
    const limit = new AddressLimit(2, 'guesses');
    for (let i = 0; i < 100; i++) expect(limit.look('a', 30, 0)).toBeUndefined();
    expect(allowed(limit, 'a', 100, 0)).toBe(30);
    expect(limit.look('a', 30, 0)).toMatchObject({
      code: 'rate_limited',
      detail: expect.stringContaining('guesses'),
    });
    expect(limit.look('a', 30, 2_000)).toBeUndefined();
    // Nobody is remembered for being asked about.
    for (const name of ['b', 'c', 'd']) limit.look(name, 30, 2_000);
    expect(limit.look('a', 30, 0)).toBeDefined();
  });

  test('P9 who only looks is not kept waiting by a clock that steps back by an hour', () => {
    const limit = new AddressLimit();
    allowed(limit, 'a', 100, 60 * minute);
    expect(limit.look('a', 30, 0)).toBeDefined();
    expect(limit.look('a', 30, 2_000)).toBeUndefined();
  });

  test('P9 a clock that steps back by an hour gives nothing away, and attempts come back as before from there on', () => {
    const limit = new AddressLimit();
    expect(allowed(limit, 'a', 100, 60 * minute)).toBe(30);
    expect(allowed(limit, 'a', 100, 0)).toBe(0);
    expect(allowed(limit, 'a', 100, 2_000)).toBe(1);
    expect(allowed(limit, 'a', 100, 2_000 + minute)).toBe(30);
  });

  test('a clock that steps forward gives one minute of attempts, as a rest does', () => {
    const limit = new AddressLimit();
    allowed(limit, 'a', 100, 0);
    expect(allowed(limit, 'a', 100, 60 * minute)).toBe(30);
  });
});

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:0db8:0001:0002::6', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
])('%s counts as %s', (ip, address) => {
  expect(addressOf(new Headers({ 'cf-connecting-ip': ip }))).toBe(address);
});

test('without an address everybody is one', () => {
  expect(addressOf(new Headers())).toBe('unknown');
});
