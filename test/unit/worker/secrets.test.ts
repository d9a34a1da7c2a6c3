import { expect, test } from 'vitest';
import { checkPassword, hashPassword } from '../../../worker/auth/password.ts';
import {
  firstSecrets,
  formatRefresh,
  hashSecrets,
  nextSecrets,
  parseRefresh,
} from '../../../worker/auth/refresh-token.ts';

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
  const first = firstSecrets();
  const next = nextSecrets(first);
  expect(parseRefresh(formatRefresh(next))).toEqual(next);
  expect(next.family).toBe(first.family);
  expect(next.current).not.toBe(first.current);
  expect(hashSecrets(next)).not.toMatchObject({ current: next.current });
  expect(hashSecrets(first).family).toBe(hashSecrets(next).family);
});

test.each(['', '.', 'a.b', `${formatRefresh(firstSecrets())}x`, `${formatRefresh(firstSecrets())}\n`])(
  'P8 %j is no refresh token',
  (token) => {
    expect(parseRefresh(token)).toBeUndefined();
  },
);
