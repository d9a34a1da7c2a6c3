import { env } from 'cloudflare:workers';
import { describe, expect, test } from 'vitest';
import { fits } from '../../../schema/protocol/check.ts';
import { type Session, session } from '../../../schema/protocol/http-auth.ts';
import { sessionIn, TestWorker } from './support.ts';

const limited = (devices: number) => new TestWorker({ PARLEY_LIMITS: `{"devices":${devices}}` });

const logIn = async (on: TestWorker, { user }: Session): Promise<Session> =>
  sessionIn(await on.login(user.handle));

/** Ids of those that are signed in, the oldest first. */
async function devicesOf(user: string): Promise<string[]> {
  const rows = await env.DB.prepare('SELECT id FROM devices WHERE user_id = ? ORDER BY created_at, rowid')
    .bind(user)
    .all<{ id: string }>();
  return rows.results.map(({ id }) => id);
}

/** As if a device had last been refreshed so long ago. */
const unused = (device: string, ms: number) =>
  env.DB.prepare('UPDATE devices SET refreshed_at = refreshed_at - ? WHERE id = ?').bind(ms, device).run();

describe('one device too many', () => {
  test('ends the one unused longest, and says which', async () => {
    const worker = limited(3);
    const first = await worker.register();
    const [second, third] = [await logIn(worker, first), await logIn(worker, first)];
    await unused(second.device.id, 60_000);
    const answer = await worker.login(first.user.handle);
    expect(answer.status).toBe(200);
    const fourth = sessionIn(answer);
    expect(fits(session, fourth)).toBe(true);
    expect(fourth.ended).toEqual([second.device]);
    expect(await devicesOf(first.user.id)).toEqual([first, third, fourth].map(({ device }) => device.id));
    expect([...worker.users.removed]).toEqual([second.device.id]);
    const refused = await worker.ask('GET', '/v1/users/me', { token: second.accessToken });
    expect(refused).toMatchObject({ status: 401, body: { code: 'session_ended' } });
    expect((await worker.refresh(second.refreshToken)).status).toBe(401);
    for (const { refreshToken } of [first, third, fourth])
      expect((await worker.refresh(refreshToken)).status).toBe(200);
  });

  test('ten log-ins whose sessions are lost lock nobody out, and a refresh counts as use', async () => {
    const worker = limited(10);
    const owner = await worker.register();
    for (let i = 0; i < 9; i++) await logIn(worker, owner);
    const kept = sessionIn(await worker.refresh(owner.refreshToken));
    await unused(owner.device.id, -1);
    for (let i = 0; i < 15; i++) expect((await logIn(worker, owner)).ended).toHaveLength(1);
    expect(await devicesOf(owner.user.id)).toHaveLength(10);
    // Fifteen newer ones came since, so now it was its turn.
    expect(worker.users.removed).toContain(kept.device.id);
    expect(worker.users.removed.size).toBe(15);
    expect([...worker.users.removed].slice(0, 9)).not.toContain(kept.device.id);
  });

  test('P8 nobody is signed out by a wrong password', async () => {
    const worker = limited(1);
    const { user } = await worker.register();
    expect((await worker.login(user.handle, 'a wrong password')).status).toBe(401);
    expect(worker.users.removed.size).toBe(0);
  });

  test('below the limit nobody is, and the answer says nothing of it', async () => {
    const worker = limited(2);
    const first = await worker.register();
    const second = await worker.login(first.user.handle);
    expect(second.body).not.toHaveProperty('ended');
    expect(worker.users.removed.size).toBe(0);
  });

  test('two at the same moment leave no more than the limit, and end neither each other nor more than two', async () => {
    const worker = limited(4);
    const first = await worker.register();
    const olds = [first];
    for (let i = 0; i < 3; i++) olds.push(await logIn(worker, first));
    const both = await Promise.all([logIn(worker, first), logIn(worker, first)]);
    const left = await devicesOf(first.user.id);
    expect(left.sort()).toEqual([...olds.slice(2), ...both].map(({ device }) => device.id).sort());
    expect(both.flatMap(({ ended = [] }) => ended.map(({ id }) => id)).sort()).toEqual(
      olds
        .slice(0, 2)
        .map(({ device }) => device.id)
        .sort(),
    );
  });

  test('P8 eight at the same moment with room for three: three are left, and each was answered', async () => {
    const worker = limited(3);
    const first = await worker.register();
    const all = await Promise.all(Array.from({ length: 8 }, () => worker.login(first.user.handle)));
    expect(all.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(await devicesOf(first.user.id)).toHaveLength(3);
    expect(worker.users.removed.size).toBe(6);
  });

  test('a limit that was lowered holds from the next log-in on', async () => {
    const wide = limited(6);
    const first = await wide.register();
    const olds = [first];
    for (let i = 0; i < 5; i++) olds.push(await logIn(wide, first));
    const narrow = limited(2);
    const next = await logIn(narrow, first);
    expect(next.ended).toEqual(olds.slice(0, 5).map(({ device }) => device));
    expect(await devicesOf(first.user.id)).toEqual([olds[5]?.device.id, next.device.id]);
  });

  test('P9 when the object can not be reached the log-in fails, and can be repeated', async () => {
    const worker = limited(1);
    const first = await worker.register();
    worker.users.failRemovals = 1;
    expect(await worker.login(first.user.handle)).toMatchObject({
      status: 503,
      body: { code: 'unavailable' },
    });
    expect(await devicesOf(first.user.id)).toEqual([first.device.id]);
    const second = await logIn(worker, first);
    expect(await devicesOf(first.user.id)).toEqual([second.device.id]);
  });
});
