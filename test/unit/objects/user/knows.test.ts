import { beforeEach, describe, expect, test } from 'vitest';
import type { KeptSocket } from '../../../../objects/user/host.ts';
import { User } from '../../../../objects/user/user.ts';
import { KNOWS } from '../../../../schema/protocol/knows.ts';
import { DEFAULT_LIMITS } from '../../../../schema/protocol/limits.ts';
import { VERSION } from '../../../../schema/protocol/release.ts';
import { CountingSql, FakeHost, type Frame } from './support.ts';

let host: FakeHost;
let sql: CountingSql;
beforeEach(() => {
  host = new FakeHost();
  sql = new CountingSql();
});

const start = (sockets: ReadonlyMap<number, KeptSocket> = new Map()): User =>
  new User('me', sql, host, DEFAULT_LIMITS, sockets);
/** One socket of a client that says this, and what came on it. */
function connect(knows: readonly string[] | undefined): Frame[] {
  const user = start();
  user.opened(1, 'phone');
  user.frame(1, JSON.stringify({ type: 'hello', knows }));
  return host.take(1);
}
/** What stays of the socket when the object hibernates. */
const kept = (): KeptSocket => {
  const found = host.kept.get(1);
  if (!found) throw new Error('nothing was kept');
  return found;
};

test('welcome names what the service knows; what a client knows is kept, also what is unknown here', () => {
  expect(connect(['welcome.again', 'of.tomorrow'])[0]).toMatchObject({ type: 'welcome', knows: KNOWS });
  expect(kept()).toMatchObject({ knows: ['welcome.again', 'of.tomorrow'], release: VERSION });
});

test('a client that names nothing costs no place', () => {
  connect(undefined);
  expect(Object.keys(kept())).not.toContain('knows');
  expect(Object.keys(kept())).not.toContain('release');
});

test('P8: a list that is none is refused, and the connection can say hello again', () => {
  const user = start();
  user.opened(1, 'phone');
  user.frame(1, JSON.stringify({ type: 'hello', knows: Array(33).fill('a') }));
  expect(host.take(1)).toMatchObject([{ type: 'error', code: 'bad_request' }]);
  user.frame(1, JSON.stringify({ type: 'hello', knows: ['a'] }));
  expect(host.take(1)).toMatchObject([{ type: 'welcome' }, { type: 'synced' }]);
});

describe('a socket that outlived its object', () => {
  const woken = (change: Partial<KeptSocket> = {}): Frame[] => {
    start(new Map([[1, { ...kept(), ...change }]]));
    return host.take(1);
  };

  test('hears nothing from the same release', () => {
    connect(['welcome.again']);
    expect(woken()).toEqual([]);
  });

  test.each(['0.1.0', '999.0.0'])('of release %s is welcomed again, once', (release) => {
    connect(['welcome.again']);
    const { ceiling } = kept();
    expect(woken({ release })).toMatchObject([{ type: 'welcome', device: 'phone', knows: KNOWS }]);
    expect(kept()).toMatchObject({ synced: true, ceiling, knows: ['welcome.again'], release: VERSION });
    expect(woken()).toEqual([]);
  });

  test('is not told where its client does not know how, or said no hello yet', () => {
    connect(['of.tomorrow']);
    expect(woken({ release: '0.1.0' })).toEqual([]);
    const silent = { release: '0.1.0', knows: ['welcome.again'], ready: false, synced: false };
    expect(woken(silent)).toEqual([]);
    // Code before 0.2.0 keeps neither.
    const { knows: _, release: __, ...old } = kept();
    start(new Map([[1, old]]));
    expect(host.take(1)).toEqual([]);
  });
});

test('a session of long polling names what it knows in its body', () => {
  const user = start();
  const bodies: string[] = [];
  user.poll('phone', { frames: [], wait: 0, knows: ['of.tomorrow'] }, (answer) => {
    if (answer.ok) bodies.push(answer.body);
  });
  host.clock.advance(10);
  expect(JSON.parse(bodies[0] ?? '').frames[0]).toMatchObject({ type: 'welcome', knows: KNOWS });
});
