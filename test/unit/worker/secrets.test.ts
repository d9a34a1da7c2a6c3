import { expect, test } from 'vitest';
import { checkPassword, hashPassword } from '../../../worker/auth/password.ts';
import {
  exchangeFamily,
  exchangeMark,
  formatRefresh,
  hashSecrets,
  isOwn,
  newFamily,
  parseRefresh,
  secretsOf,
} from '../../../worker/auth/refresh-token.ts';

const key = new Uint8Array(32).fill(1);
const otherKey = new Uint8Array(32).fill(2);

test('a password fits its own hash and no other', async () => {
  const stored = await hashPassword('correct horse');
  expect(stored).toMatch(/^scrypt\$16384\$8\$5\$[\w-]{22}\$[\w-]{43}$/);
  expect(await hashPassword('correct horse')).not.toBe(stored);
  expect(await checkPassword('correct horse', stored)).toBe(true);
  expect(await checkPassword('correct horsf', stored)).toBe(false);
});

test('a hash with other parameters is checked by its own', async () => {
  // RFC 7914, section 12: scrypt("password", "NaCl", N=1024, r=8, p=16), of which scrypt gives any beginning.
  const hash = 'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162';
  const base64 = (text: string, encoding: 'hex' | 'utf8') =>
    Buffer.from(text, encoding).toString('base64url');
  const stored = `scrypt$1024$8$16$${base64('NaCl', 'utf8')}$${base64(hash, 'hex')}`;
  expect(await checkPassword('password', stored)).toBe(true);
  expect(await checkPassword('passwore', stored)).toBe(false);
});

test('P8 nobody has no password, and what is stored must be a hash', async () => {
  expect(await checkPassword('correct horse', undefined)).toBe(false);
  await expect(checkPassword('x', 'plain text')).rejects.toThrow('format');
});

test('refresh tokens keep their family and change the rest', () => {
  const family = newFamily();
  const [first, next] = [secretsOf(key, family, 0), secretsOf(key, family, 1)];
  expect(parseRefresh(formatRefresh(next))).toEqual(next);
  expect(next.family).toBe(first.family);
  expect(next.current).not.toBe(first.current);
  expect(hashSecrets(next)).not.toMatchObject({ current: next.current });
  expect(hashSecrets(first).family).toBe(hashSecrets(next).family);
});

test('the same family and number give the same token, under the same key alone', () => {
  const family = newFamily();
  expect(secretsOf(key, family, 7)).toEqual(secretsOf(new Uint8Array(key), family, 7));
  const others = [
    secretsOf(otherKey, family, 7),
    secretsOf(key, family, 8),
    secretsOf(key, newFamily(), 7),
    secretsOf(key, family, 70),
  ];
  expect(new Set(others.map(({ current }) => current)).size).toBe(4);
  for (const { current } of others) expect(current).not.toBe(secretsOf(key, family, 7).current);
});

test('a token proves by itself that it was given out here', () => {
  const [one, two] = [secretsOf(key, newFamily(), 3), secretsOf(key, newFamily(), 3)];
  expect(isOwn(key, one)).toBe(true);
  expect(isOwn(otherKey, one)).toBe(false);
  expect(isOwn(key, { family: one.family, current: two.current })).toBe(false);
  expect(isOwn(key, { family: one.family, current: 'A'.repeat(43) })).toBe(false);
  expect(isOwn(key, { ...one, current: '' })).toBe(false);
});

test('a token of the product gives a family to each device, and a mark that names no device', () => {
  expect(exchangeFamily(key, 'jwt', 'd_1')).toBe(exchangeFamily(key, 'jwt', 'd_1'));
  const families = [
    exchangeFamily(key, 'jwt', 'd_1'),
    exchangeFamily(key, 'jwt', 'd_2'),
    exchangeFamily(key, 'other', 'd_1'),
    exchangeFamily(otherKey, 'jwt', 'd_1'),
  ];
  expect(new Set(families).size).toBe(4);
  for (const family of families) expect(parseRefresh(formatRefresh(secretsOf(key, family, 0)))).toBeDefined();
  expect(exchangeMark(key, 'jwt')).not.toBe(exchangeMark(key, 'other'));
  expect(exchangeMark(key, 'jwt')).not.toContain('jwt');
});

const good = formatRefresh(secretsOf(key, newFamily(), 0));
test.each(['', '.', 'a.b', `${good}x`, `${good}\n`])('P8 %j is no refresh token', (token) => {
  expect(parseRefresh(token)).toBeUndefined();
});
