import { applyD1Migrations } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Session } from '../../../schema/protocol/http-auth.ts';
import { brokenDatabase, newHandle, PASSWORD, TestWorker } from './support.ts';

const plain = (query: string): string => query.replace(/^--> statement-breakpoint\s*/, '');

describe('migrations', () => {
  const objects = async () =>
    (await env.DB.prepare('SELECT type, name, sql FROM sqlite_master ORDER BY name').all()).results;

  test('were applied to an empty database, and applying them again changes nothing', async () => {
    const before = await objects();
    const names = before.map((row) => row['name']);
    expect(names).toEqual(expect.arrayContaining(['users', 'credentials', 'identities', 'devices']));
    await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
    expect(await objects()).toEqual(before);
  });

  test('P9 rows of the tables before keep their sessions, and what the version before writes fits the tables now', async () => {
    // As the version before left them, and as it goes on writing while two versions run side by side.
    const { user } = await new TestWorker().register();
    const insert = `insert into "devices" ("id", "user_id", "name", "family", "current", "created_at", "refreshed_at")
      SELECT ?, ?, 'old', ?, ?, 1, 1
      WHERE (SELECT count(*) FROM "devices" WHERE "devices"."user_id" = ?) < 10`;
    const id = crypto.randomUUID();
    await env.DB.prepare(insert).bind(id, user.id, `f${id}`, `c${id}`, user.id).run();
    const rotate =
      'update "devices" set "current" = ?, "refreshed_at" = ? where ("id" = ? and "current" = ?)';
    const { meta } = await env.DB.prepare(rotate).bind(`d${id}`, 2, id, `c${id}`).run();
    expect(meta.changes).toBe(1);
    expect(await env.DB.prepare('SELECT * FROM devices WHERE id = ?').bind(id).first()).toEqual({
      id,
      user_id: user.id,
      name: 'old',
      family: `f${id}`,
      current: `d${id}`,
      created_at: 1,
      refreshed_at: 2,
      number: 0,
      preceding: null,
      attempts: null,
      rotated: null,
      exchange: null,
    });
  });

  test('every migration after the first only adds', () => {
    const later = env.TEST_MIGRATIONS.slice(1).flatMap(({ queries }) => queries.map(plain));
    expect(later.length).toBeGreaterThan(0);
    for (const query of later)
      expect(query).toMatch(/^(ALTER TABLE `\w+` ADD |CREATE (TABLE|INDEX|UNIQUE INDEX) )/);
  });

  test('the queries of every message-free path use an index', async () => {
    const plan = async (query: string) =>
      (await env.DB.prepare(`EXPLAIN QUERY PLAN ${query}`).all()).results
        .map((row) => row['detail'])
        .join('; ');
    for (const query of [
      "SELECT * FROM users WHERE handle = 'x'",
      "SELECT * FROM devices WHERE family = 'x'",
      "SELECT * FROM devices WHERE user_id = 'x'",
      "SELECT * FROM devices WHERE exchange = 'x'",
      "SELECT * FROM identities WHERE issuer = 'x' AND subject = 'y'",
      `SELECT id FROM users WHERE handle IN (SELECT value FROM json_each('["x"]'))`,
    ]) {
      expect(await plan(query)).not.toMatch(/SCAN (users|devices|identities)/);
    }
  });

  test('no password and no refresh token is stored as it is', async () => {
    const { user, refreshToken } = await new TestWorker().register();
    const password = await env.DB.prepare('SELECT password FROM credentials WHERE user_id = ?')
      .bind(user.id)
      .first('password');
    expect(password).toMatch(/^scrypt\$16384\$8\$5\$/);
    const device = await env.DB.prepare('SELECT * FROM devices WHERE user_id = ?').bind(user.id).first();
    for (const half of refreshToken.split('.')) expect(JSON.stringify(device)).not.toContain(half);
  });
});

describe('P9 with D1 down', () => {
  const worker = new TestWorker();
  let ada: Session;
  beforeAll(async () => {
    ada = await worker.register();
    worker.env = { ...worker.env, DB: brokenDatabase };
  });

  test.each([
    ['POST', '/v1/auth/register', { handle: newHandle(), password: PASSWORD }],
    ['POST', '/v1/auth/login', { handle: newHandle(), password: PASSWORD }],
    ['POST', '/v1/auth/refresh', { refreshToken: `${'A'.repeat(24)}.${'A'.repeat(43)}` }],
    ['GET', '/v1/users/me', undefined],
    ['PATCH', '/v1/users/me', { name: 'Ada' }],
    ['GET', '/v1/users/u_1', undefined],
    ['GET', '/v1/users?handle=somebody', undefined],
    ['GET', '/v1/devices', undefined],
    ['DELETE', '/v1/devices/d_1', undefined],
    ['POST', '/v1/conversations', { kind: 'direct', members: ['u_1'] }],
    ['PUT', '/v1/conversations/c_1/members/u_1', undefined],
  ])('%s %s is unavailable', async (method, path, body) => {
    const answer = await worker.ask(method, path, { token: ada.accessToken, ...(body ? { body } : {}) });
    expect(answer).toMatchObject({
      status: 503,
      body: { code: 'unavailable', retryAfter: expect.any(Number) },
    });
    expect(answer.text).not.toContain('secret-host');
  });

  test.each([
    ['POST', '/v1/conversations/c_1/messages', { clientId: 'm1', content: { kind: 'text', text: 'hi' } }],
    ['GET', '/v1/conversations/c_1/messages', undefined],
    ['GET', '/v1/conversations/c_1/log', undefined],
    ['GET', '/v1/conversations', undefined],
    ['GET', '/v1/conversations/c_1', undefined],
    ['PATCH', '/v1/conversations/c_1', { title: 'x' }],
    ['GET', '/v1/conversations/c_1/members', undefined],
    ['DELETE', '/v1/conversations/c_1/members/u_1', undefined],
    ['GET', '/v1/users/me/blocks', undefined],
    ['PUT', '/v1/users/me/blocks/u_1', undefined],
    ['POST', '/v1/poll', { frames: [] }],
  ])('%s %s goes on', async (method, path, body) => {
    const answer = await worker.ask(method, path, { token: ada.accessToken, ...(body ? { body } : {}) });
    expect(answer.status).toBe(200);
  });

  test('so does the socket', async () => {
    const headers = { upgrade: 'websocket', authorization: `Bearer ${ada.accessToken}` };
    expect((await worker.ask('GET', '/v1/ws', { headers })).text).toBe('upgraded');
  });
});
