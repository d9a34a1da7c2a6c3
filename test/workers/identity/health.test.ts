import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, test, vi } from 'vitest';
import { VERSION } from '../../../schema/protocol/release.ts';
import { PROBED_OBJECT } from '../../../worker/health/health.ts';
import { brokenDatabase, TestWorker } from './support.ts';

/** A D1 that can be broken, counts what it is asked, and is nobody else's. */
function ownDatabase() {
  const state = { broken: undefined as 'throws' | 'hangs' | undefined, asked: 0 };
  const db: D1Database = new Proxy(env.DB, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      if (name !== 'batch') return value.bind(target);
      return (...args: unknown[]) => {
        state.asked++;
        if (state.broken === 'hangs') return new Promise(() => {});
        if (state.broken === 'throws') throw new Error('D1_ERROR: no such table: secret');
        return value.apply(target, args);
      };
    },
  });
  return { state, db };
}

const health = (worker: TestWorker, query = '') => worker.ask('GET', `/v1/health${query}`);

const later = async (ms: number, body: () => Promise<void>): Promise<void> => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });
  try {
    await body();
  } finally {
    vi.useRealTimers();
  }
};

const quiet = () => vi.spyOn(console, 'error').mockReturnValue();

describe('health', () => {
  test('P9 is unavailable until the database has its tables, then ok for good, without asking again', async () => {
    const log = quiet();
    const { state, db } = ownDatabase();
    const worker = new TestWorker({ DB: db });
    state.broken = 'throws';
    const early = await health(worker);
    expect(early).toMatchObject({
      status: 503,
      body: { code: 'unavailable', detail: expect.stringMatching(/^database: /), retryAfter: 1 },
    });
    expect(early.text).not.toContain('secret');
    // What needs the tables says the same.
    state.broken = undefined;
    await later(300, async () => {
      expect(await health(worker)).toMatchObject({ status: 200, body: { ok: true, version: VERSION } });
    });
    const { asked } = state;
    state.broken = 'throws';
    for (let i = 0; i < 20; i++) expect((await health(worker)).status).toBe(200);
    expect(state.asked).toBe(asked);
    expect(worker.users.asked).toEqual([]);
    log.mockRestore();
  });

  test('is unavailable while one column is missing', async () => {
    const log = quiet();
    const worker = new TestWorker({ DB: ownDatabase().db });
    await env.DB.prepare('ALTER TABLE devices RENAME COLUMN name TO aside').run();
    expect((await health(worker)).status).toBe(503);
    await env.DB.prepare('ALTER TABLE devices RENAME COLUMN aside TO name').run();
    await later(300, async () => expect((await health(worker)).status).toBe(200));
    log.mockRestore();
  });

  test('P8 however many ask meanwhile, the database is asked once', async () => {
    const log = quiet();
    const { state, db } = ownDatabase();
    state.broken = 'throws';
    const worker = new TestWorker({ DB: db });
    const all = await Promise.all(Array.from({ length: 50 }, () => health(worker)));
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([503]));
    expect(state.asked).toBe(1);
    log.mockRestore();
  });
});

describe('a deep look', () => {
  test('asks every part, and says so', async () => {
    const worker = new TestWorker({ DB: ownDatabase().db });
    expect(await health(worker, '?deep=1')).toMatchObject({
      status: 200,
      body: { ok: true, version: VERSION, parts: ['database', 'objects'] },
    });
    expect(worker.users.asked).toEqual([
      { user: PROBED_OBJECT, device: PROBED_OBJECT, request: { op: 'check' } },
    ]);
  });

  test('P9 names what fails, and only that', async () => {
    const log = quiet();
    const down = new TestWorker({ DB: brokenDatabase });
    expect(await health(down, '?deep=1')).toMatchObject({
      status: 503,
      body: { code: 'unavailable', detail: expect.stringMatching(/^database: /), retryAfter: 5 },
    });
    const lost = new TestWorker({ DB: ownDatabase().db });
    lost.users.failures.push(new Error('gone'));
    expect((await health(lost, '?deep=1')).body['detail']).toMatch(/^objects: /);
    const { state, db } = ownDatabase();
    state.broken = 'throws';
    const both = new TestWorker({ DB: db });
    both.users.failures.push(new Error('gone'));
    expect((await health(both, '?deep=1')).body['detail']).toMatch(/^database, objects: /);
    log.mockRestore();
  });

  test('P9 a part that hangs is named after 3 s, and the others are not held up by it', async () => {
    const log = quiet();
    const { state, db } = ownDatabase();
    state.broken = 'hangs';
    const worker = new TestWorker({ DB: db });
    worker.users.beforeNext = () => new Promise(() => {});
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const answer = health(worker, '?deep=1');
      await vi.advanceTimersByTimeAsync(2_999);
      expect(await Promise.race([answer, 'waits'])).toBe('waits');
      await vi.advanceTimersByTimeAsync(1);
      expect((await answer).body['detail']).toMatch(/^database, objects: /);
    } finally {
      vi.useRealTimers();
      log.mockRestore();
    }
  });

  test('P8 is taken once in 5 s, however many ask: good or bad, its answer is kept', async () => {
    const log = quiet();
    const { state, db } = ownDatabase();
    const worker = new TestWorker({ DB: db });
    const all = await Promise.all(Array.from({ length: 50 }, () => health(worker, '?deep=1')));
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200]));
    expect([state.asked, worker.users.asked.length]).toEqual([1, 1]);
    state.broken = 'throws';
    expect((await health(worker, '?deep=1')).status).toBe(200);
    await later(5_100, async () => {
      expect((await health(worker, '?deep=1')).status).toBe(503);
      state.broken = undefined;
      expect((await health(worker, '?deep=1')).status).toBe(503);
    });
    await later(10_300, async () => expect((await health(worker, '?deep=1')).status).toBe(200));
    expect([state.asked, worker.users.asked.length]).toEqual([3, 3]);
    log.mockRestore();
  });

  test('writes nothing into the object it asks', async () => {
    const worker = new TestWorker({ USERS: env.USERS, DB: ownDatabase().db });
    expect((await health(worker, '?deep=1')).status).toBe(200);
    const { USERS } = env;
    const stub = USERS.get(USERS.idFromName(PROBED_OBJECT)) as unknown as DurableObjectStub;
    await runInDurableObject(stub, async (_, { storage }) => {
      const tables = storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '_cf_%'").toArray();
      expect(tables).toEqual([]);
      expect(await storage.getAlarm()).toBeNull();
    });
  });

  test.each(['?deep=2', '?deep=', '?deep=1&deep=1'])('P8 %s is bad_request', async (query) => {
    expect(await health(new TestWorker(), query)).toMatchObject({
      status: 400,
      body: { code: 'bad_request', detail: expect.stringContaining('deep') },
    });
  });
});
