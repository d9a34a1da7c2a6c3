import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BETTER,
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
    const full = { epoch: this.state.epoch, ...event } as ConnectionEvent;
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

  test('at once when our own transport has found a better way, unless the service asked for a pause', () => {
    const machine = new Machine().up();
    expect(names(machine.close(BETTER))).toEqual(['drop', 'get-token']);
    expect(machine.state).toMatchObject({ name: 'connecting', attempt: 0 });
    machine.up().frame({ type: 'error', code: 'rate_limited', detail: '', retryAfter: 20 });
    machine.close(BETTER);
    expect(wait(machine)).toBe(20_500);
  });

  test('frames of a later release, and those that left the contract, change nothing but the sign of life', () => {
    const machine = new Machine().up();
    const { state } = machine;
    for (const type of ['reconnect', 'of-tomorrow']) machine.frame({ type, after: 10 } as never);
    expect(machine.state).toEqual(state);
  });

  test('no network: one try now and then; its return is used at once', () => {
    const machine = new Machine().up();
    machine.on({ type: 'network', online: false });
    expect(machine.state.name).toBe('online');
    machine.close(1006);
    expect(machine.state).toMatchObject({ name: 'offline', reason: 'network', at: machine.now + 30_000 });
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
    for (const [code, name] of [
      ['session_ended', 'closed'],
      ['unauthenticated', 'needs-auth'],
      ['internal', 'reconnecting'],
    ] as const) {
      const machine = new Machine();
      machine.on({ type: 'start' });
      machine.on({ type: 'token-failed', code });
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
    expect(names(machine.at(9_000_000))).toEqual(['doubt', 'ping']);
    expect(machine.state.name).toBe('online');
    expect(names(machine.at(9_005_000))).toEqual(['drop', 'get-token']);
  });
});

describe('why, and when again', () => {
  test.each([
    [1006, '', 'network'],
    [1001, '', 'going-away'],
    [1012, '', 'going-away'],
    [1013, 'overloaded', 'overloaded'],
    [1013, 'unavailable', 'unavailable'],
    [1011, 'internal', 'unavailable'],
    [4429, 'rate_limited', 'rate_limited'],
    [1009, 'too_large', 'refused'],
  ])('close %i %s: %s', (code, reason, expected) => {
    const machine = new Machine().up();
    machine.on({ type: 'closed', code, reason });
    expect(machine.state).toMatchObject({ name: 'reconnecting', reason: expected, attempt: 1 });
    expect(machine.state).toHaveProperty('at', deadline(machine.state));
  });

  test('a silent line, a socket that does not open, a token that does not come', () => {
    const machine = new Machine().up();
    machine.at(16_000);
    machine.at(31_000);
    expect(machine.state).toMatchObject({ name: 'reconnecting', reason: 'silent' });
    machine.at(deadline(machine.state));
    machine.at(deadline(machine.state));
    expect(machine.state).toMatchObject({ name: 'reconnecting', reason: 'token' });
    machine.at(deadline(machine.state));
    machine.on({ type: 'token', token: 't' });
    machine.at(deadline(machine.state));
    expect(machine.state).toMatchObject({ name: 'reconnecting', reason: 'network' });
    machine.at(deadline(machine.state));
    machine.on({ type: 'token-failed', code: 'network' });
    expect(machine.state).toMatchObject({ name: 'reconnecting', reason: 'network' });
  });
});

describe('wake', () => {
  test('asks the line, and any frame is an answer', () => {
    const machine = new Machine().up();
    machine.now += 3000;
    expect(names(machine.on({ type: 'wake' }))).toEqual(['doubt', 'ping']);
    expect(wait(machine)).toBe(5000);
    machine.frame({ type: 'pong' });
    expect(wait(machine)).toBe(15_000);
  });

  test('no answer within 5 s: a new connection at once', () => {
    const machine = new Machine().up();
    machine.on({ type: 'wake' });
    expect(machine.at(machine.now + 4999)).toEqual([]);
    expect(names(machine.at(machine.now + 1))).toEqual(['drop', 'get-token']);
    expect(machine.state).toMatchObject({ name: 'connecting', attempt: 0 });
  });

  test('one ping at a time, and the first deadline stands', () => {
    const machine = new Machine().up();
    machine.on({ type: 'wake' });
    machine.now += 4000;
    expect(machine.on({ type: 'wake' })).toEqual([]);
    expect(machine.on({ type: 'network', online: true })).toEqual([]);
    expect(wait(machine)).toBe(1000);
  });

  test('a deadline that passed in sleep proves nothing: it asks again', () => {
    const machine = new Machine().up();
    machine.on({ type: 'wake' });
    expect(names(machine.at(machine.now + 3_600_000))).toEqual(['doubt', 'ping']);
    machine.on({ type: 'network', online: false });
    machine.now += 3_600_000;
    expect(names(machine.on({ type: 'wake' }))).toEqual(['doubt', 'ping']);
    expect(names(machine.at(machine.now + 5000))).toEqual(['drop', 'get-token']);
  });

  test('while waiting: tries now, offline too', () => {
    const machine = new Machine().up();
    machine.close(1006);
    expect(names(machine.on({ type: 'wake' }))).toEqual(['get-token']);
    machine.on({ type: 'network', online: false });
    machine.on({ type: 'token-failed', code: 'network' });
    expect(machine.state.name).toBe('offline');
    expect(names(machine.on({ type: 'wake' }))).toEqual(['get-token']);
    // A try is under way.
    expect(machine.on({ type: 'wake' })).toEqual([]);
  });

  test.each([{ type: 'wake' }, { type: 'network', online: true }] as const)(
    'but not before the service wants it: %o',
    (event) => {
      const machine = new Machine().up();
      machine.frame({ type: 'error', code: 'rate_limited', detail: '', retryAfter: 20 });
      machine.random = 0.99;
      machine.close(4429);
      expect(machine.on(event)).toEqual([]);
      expect(wait(machine)).toBe(20_990);
      machine.now += 20_000;
      expect(names(machine.on(event))).toEqual(['get-token']);
    },
  );

  test('a try that slept is given up for a new one at once', () => {
    const machine = new Machine();
    machine.on({ type: 'start' });
    machine.on({ type: 'token', token: 't' });
    expect(names(machine.at(9_000_000))).toEqual(['drop', 'get-token']);
  });
});

describe('never gives up', () => {
  const time = fc.integer({ min: 0, max: 40_000 });
  const failure: fc.Arbitrary<Loose> = fc.oneof(
    fc
      .constantFrom(1000, 1001, 1005, 1006, 1009, 1011, 1012, 1013, 4000, 4400, 4429)
      .map((code) => ({ type: 'closed' as const, code, reason: '' })),
    fc.constant({ type: 'tick' as const }),
    fc.constant({ type: 'wake' as const }),
    fc.boolean().map((online) => ({ type: 'network' as const, online })),
    fc.constantFrom('network', 'internal').map((code) => ({ type: 'token-failed' as const, code })),
  );
  const good: fc.Arbitrary<Loose> = fc.oneof(
    fc.constant({ type: 'token' as const, token: 't' }),
    fc.constant({ type: 'opened' as const }),
    fc
      .constantFrom<Down>(welcome, { type: 'synced', cursor: 1 }, { type: 'pong' })
      .map((frame) => ({ type: 'frame' as const, frame })),
  );
  const named: fc.Arbitrary<Loose> = fc.integer({ min: 0, max: 60 }).map((retryAfter) => ({
    type: 'frame' as const,
    frame: { type: 'error' as const, code: 'unavailable', detail: '', retryAfter },
  }));
  const ending: fc.Arbitrary<Loose> = fc.oneof(
    fc.constantFrom(4401, 4403, 4426).map((code) => ({ type: 'closed' as const, code, reason: '' })),
    fc
      .constantFrom('unauthenticated', 'session_ended')
      .map((code) => ({ type: 'token-failed' as const, code })),
    fc.constant({ type: 'stop' as const }),
  );
  const any = fc.oneof(
    { arbitrary: failure, weight: 8 },
    { arbitrary: good, weight: 12 },
    { arbitrary: named, weight: 2 },
    { arbitrary: ending, weight: 1 },
    { arbitrary: fc.constant({ type: 'start' as const }), weight: 2 },
  );
  const resting = ['idle', 'needs-auth', 'closed'];

  test('every state but those that wait for a person has a deadline, at most 30 s off and what was asked for', () => {
    let waited = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(time, any, fc.double({ min: 0, max: 0.999, noNaN: true })), {
          minLength: 30,
          maxLength: 200,
        }),
        (events) => {
          const machine = new Machine();
          machine.on({ type: 'start' });
          let until = 0;
          for (const [pass, event, random] of events) {
            machine.now += pass;
            machine.random = random;
            if (event.type === 'frame' && event.frame.type === 'error')
              until = Math.max(until, machine.now + (event.frame.retryAfter ?? 0) * 1000);
            if (event.type === 'closed' && event.code === 4429) until = Math.max(until, machine.now + 5000);
            const before = machine.state;
            machine.on(event);
            const { state } = machine;
            if (resting.includes(state.name)) continue;
            expect(deadline(state)).toBeLessThan(Number.POSITIVE_INFINITY);
            if (state.name !== 'reconnecting' && state.name !== 'offline') continue;
            if (before === state) continue;
            waited++;
            expect(wait(machine)).toBeLessThanOrEqual(30_000 + Math.max(0, until - machine.now));
            expect(state.at).toBeGreaterThanOrEqual(state.notBefore);
          }
        },
      ),
      { numRuns: 1000 },
    );
    // A guard: the runs did real work.
    expect(waited).toBeGreaterThan(1500);
  });

  test('after any failures in a row it tries again at its deadline, and a good line brings it up', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(time, fc.oneof(failure, good, named)), { maxLength: 300 }), (events) => {
        const machine = new Machine();
        machine.on({ type: 'start' });
        for (const [pass, event] of events) {
          machine.now += pass;
          machine.on(event);
          expect(resting).not.toContain(machine.state.name);
        }
        // Whatever it is doing now, on a dead line it asks for a token within two of its deadlines, again and again.
        for (let i = 0; i < 5; i++) {
          const asked: string[] = [];
          for (let steps = 0; steps < 5 && !asked.includes('get-token'); steps++)
            asked.push(...names(machine.at(Math.max(machine.now, deadline(machine.state)))));
          expect(asked).toContain('get-token');
        }
        machine.up();
      }),
      { numRuns: 1000 },
    );
  });
});
