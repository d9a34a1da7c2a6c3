import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAccount } from '../../client/auth.ts';
import { createApi } from '../../client/http.ts';
import { startParley } from '../../client/testing/index.ts';

const password = 'correct horse battery staple';
// A place for temporary folders that nobody else uses.
const place = mkdtempSync(join(tmpdir(), 'parley-place-'));
const usual = process.env.TMPDIR;
const folders = (): string[] => readdirSync(place).filter((name) => name.startsWith('parley-'));

beforeAll(() => {
  process.env.TMPDIR = place;
});

afterAll(() => {
  if (usual === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = usual;
  rmSync(place, { recursive: true, force: true, maxRetries: 5 });
});

test('the real service starts on a free port, lets many log in, and leaves nothing behind', async () => {
  const parley = await startParley();
  try {
    expect(folders()).toHaveLength(1);
    // More than an address may do by default in a minute.
    for (let i = 0; i < 35; i++) {
      const account = createAccount(parley);
      await expect(account.login({ handle: 'nobody', password })).rejects.toMatchObject({
        code: 'unauthenticated',
      });
    }
  } finally {
    await Promise.all([parley.close(), parley.close()]);
  }
  expect(folders()).toEqual([]);
  await expect(fetch(`${parley.url}/v1/health`)).rejects.toThrow();
});

test('P1: a folder that was given stays, and settings reach the Worker', async () => {
  const data = mkdtempSync(join(place, 'kept-'));
  try {
    const first = await startParley({ data, variables: { PARLEY_LIMITS: '{"devices":1}' } });
    const account = createAccount(first);
    const { user } = await account.register({ handle: 'ada', password });
    const again = createAccount(first);
    const { ended } = await again.login({ handle: 'ada', password });
    expect(ended).toEqual([account.session?.device]);
    await first.close();
    const second = await startParley({ data });
    const api = createApi({ ...second, getToken: again.getToken });
    expect(await api('GET', '/users/me')).toEqual(user);
    await second.close();
    expect(existsSync(data)).toBe(true);
  } finally {
    rmSync(data, { recursive: true, force: true, maxRetries: 5 });
  }
});

test('P8: a wrong setting is named, and nothing is left behind', async () => {
  await expect(startParley({ variables: { PARLEY_LIMITS: 'many' } })).rejects.toThrow(
    'PARLEY_LIMITS is not valid JSON',
  );
  expect(folders()).toEqual([]);
});
