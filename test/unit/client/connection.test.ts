import { describe, expect, test } from 'vitest';
import {
  type Connection,
  type ConnectionEvent,
  deadline,
  type Effect,
  idle,
  step,
} from '../../../client/connection.ts';
import type { Down } from '../../../schema/protocol/down.ts';

type Loose = ConnectionEvent extends infer E
  ? E extends { epoch: number }
    ? Omit<E, 'epoch'> & { epoch?: number }
    : E
  : never;

/** Drives the machine; the epoch of an event is the present one unless told. */
class Machine {
  state: Connection = idle;
  now = 1000;
  random = 0.5;

  on(event: Loose): readonly Effect[] {
    const full = { epoch: this.state.tries.epoch, ...event } as ConnectionEvent;
    const { state, effects } = step(this.state, full, { now: this.now, random: () => this.random });
    this.state = state;
    return effects;
  }

  frame(frame: Down): readonly Effect[] {
    return this.on({ type: 'frame', frame });
  }

  at(now: number): readonly Effect[] {
    this.now = now;
    return this.on({ type: 'tick' });
  }

  close(code: number): readonly Effect[] {
    return this.on({ type: 'closed', code, reason: '' });
  }

  /** Through to `online`. */
  up(): this {
    if (this.state.name === 'idle') this.on({ type: 'start' });
    this.on({ type: 'token', token: 't' });
    this.on({ type: 'opened' });
    this.frame(welcome);
    this.frame({ type: 'synced', cursor: 1 });
    expect(this.state.name).toBe('online');
    return this;
  }
}

const welcome: Down = {
  type: 'welcome',
  user: 'ada',
  device: 'd',
  cursor: 1,
  heartbeat: 15_000,
  time: 0,
  limits: {},
};
const names = (effects: readonly Effect[]): string[] => effects.map((effect) => effect.type);
const wait = ({ state, now }: Machine): number => deadline(state) - now;

describe('the way up', () => {
  test('token, socket, hello, and online only when synced', () => {
    const machine = new Machine();
    expect(machine.on({ type: 'start' })).toEqual([{ type: 'get-token', epoch: 1, force: false }]);
    expect(machine.on({ type: 'token', token: 't' })).toEqual([{ type: 'open', epoch: 1, token: 't' }]);
    expect(machine.on({ type: 'opened' })).toEqual([{ type: 'hello' }]);
    machine.frame(welcome);
    expect(machine.state.name).toBe('connecting');
    machine.frame({ type: 'synced', cursor: 1 });
    expect(machine.state.name).toBe('online');
  });

  test('what an old try says is ignored', () => {
    const machine = new Machine().up();
    const before = machine.state;
    machine.on({ type: 'closed', code: 4403, reason: '', epoch: 0 });
    machine.on({ type: 'token', token: 'x', epoch: 0 });
    expect(machine.state).toBe(before);
  });

  test('a socket that never opens, and a token that never comes, are given up', () => {
    const machine = new Machine();
    machine.on({ type: 'start' });
    machine.at(1000 + 30_000);
    expect(machine.state.name).toBe('reconnecting');
    machine.at(deadline(machine.state));
    machine.on({ type: 'token', token: 't' });
    expect(names(machine.at(machine.now + 15_000))).toEqual(['drop']);
    expect(machine.state.name).toBe('reconnecting');
  });
});

describe('coming back', () => {
  test('waits a random time below a bound that doubles up to 30 s', () => {
    const machine = new Machine();
    machine.on({ type: 'start' });
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) {
      machine.on({ type: 'token', token: 't' });
      machine.close(1006);
      waits.push(wait(machine));
      machine.at(deadline(machine.state));
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
  });

  test('starts from the shortest wait again only after a connection that lasted', () => {
    const machine = new Machine().up();
    machine.close(1006);
    machine.at(deadline(machine.state));
    machine.up().close(1006);
    expect(wait(machine)).toBe(1000);
    machine.at(deadline(machine.state));
    machine.up();
    machine.now += 10_000;
    machine.close(1006);
    expect(wait(machine)).toBe(500);
  });

  test('a refused upgrade may be a stale token: the second time it asks for a fresh one', () => {
    const machine = new Machine();
    const forced: boolean[] = [];
    let effects = machine.on({ type: 'start' });
    for (let i = 0; i < 4; i++) {
      for (const effect of effects) if (effect.type === 'get-token') forced.push(effect.force);
      machine.on({ type: 'token', token: 't' });
      machine.close(1006);
      effects = machine.at(deadline(machine.state));
    }
    expect(forced).toEqual([false, false, true, false]);
  });

  test('reconnect: comes back by itself within the time it was given, also when the socket goes first', () => {
    const machine = new Machine().up();
    machine.frame({ type: 'reconnect', after: 4000 });
    expect(wait(machine)).toBe(2000);
    expect(names(machine.at(machine.now + 2000))).toEqual(['drop', 'get-token']);
    machine.up().frame({ type: 'reconnect', after: 60_000 });
    machine.close(1001);
    expect(wait(machine)).toBe(30_000);
  });

  test('no network: one try now and then; its return is used at once', () => {
    const machine = new Machine().up();
    machine.on({ type: 'network', online: false });
    expect(machine.state.name).toBe('online');
    machine.close(1006);
    expect(machine.state.name).toBe('offline');
    expect(wait(machine)).toBe(30_000);
    expect(names(machine.on({ type: 'network', online: true }))).toEqual(['get-token']);
  });
});

describe('the error table', () => {
  test('4401: a fresh token at once; refused again: log in', () => {
    const machine = new Machine().up();
    expect(machine.close(4401)).toEqual([{ type: 'get-token', epoch: 2, force: true }]);
    machine.on({ type: 'token', token: 't' });
    machine.close(4401);
    expect(machine.state.name).toBe('needs-auth');
    expect(names(machine.on({ type: 'start' }))).toEqual(['get-token']);
  });

  test.each([
    [4403, 'session_ended'],
    [4426, 'unsupported_version'],
  ])('%i ends it: %s', (code, reason) => {
    const machine = new Machine().up();
    machine.close(code);
    expect(machine.state).toMatchObject({ name: 'closed', reason });
    expect(deadline(machine.state)).toBe(Number.POSITIVE_INFINITY);
  });

  test.each([1006, 1009, 1011, 1013])('%i backs off', (code) => {
    const machine = new Machine().up();
    machine.close(code);
    expect(wait(machine)).toBe(500);
  });

  test('4429 waits, and as long as the error before it said', () => {
    const machine = new Machine().up();
    machine.close(4429);
    expect(wait(machine)).toBe(5500);
    const told = new Machine().up();
    told.frame({ type: 'error', code: 'rate_limited', detail: '', retryAfter: 20 });
    told.close(4429);
    expect(wait(told)).toBe(20_500);
  });

  test('what getToken says decides', () => {
    for (const [why, name] of [
      ['ended', 'closed'],
      ['auth', 'needs-auth'],
      ['later', 'reconnecting'],
    ] as const) {
      const machine = new Machine();
      machine.on({ type: 'start' });
      machine.on({ type: 'token-failed', why });
      expect(machine.state.name).toBe(name);
    }
  });
});

describe('heartbeat', () => {
  test('a ping each heartbeat as long as there are answers', () => {
    const machine = new Machine().up();
    for (let i = 1; i <= 3; i++) {
      expect(names(machine.at(1000 + i * 15_000))).toEqual(['ping']);
      machine.frame({ type: 'pong' });
    }
    expect(machine.state.name).toBe('online');
  });

  test('two heartbeats without a sign of life: gone', () => {
    const machine = new Machine().up();
    expect(names(machine.at(16_000))).toEqual(['ping']);
    expect(machine.at(30_999)).toEqual([]);
    expect(names(machine.at(31_000))).toEqual(['drop']);
    expect(machine.state.name).toBe('reconnecting');
  });

  test('a machine that slept asks before it gives up', () => {
    const machine = new Machine().up();
    machine.at(16_000);
    machine.frame({ type: 'pong' });
    expect(names(machine.at(9_000_000))).toEqual(['ping']);
    expect(machine.state.name).toBe('online');
    expect(names(machine.at(9_015_000))).toEqual(['drop']);
  });
});
