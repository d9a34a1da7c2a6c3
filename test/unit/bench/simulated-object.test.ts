import { describe, expect, test } from 'vitest';
import { Bill, perMessage } from '../../../bench/cost/bill.ts';
import { HIBERNATES_MS, SimulatedObject } from '../../../bench/cost/simulated-object.ts';
import { VirtualClock } from '../../../bench/cost/virtual-clock.ts';

function world() {
  const clock = new VirtualClock();
  const bill = new Bill();
  let built = 0;
  const object = new SimulatedObject('thing', clock, bill, () => ({ number: ++built }));
  return { clock, bill, object };
}

test('what an object does leaves when what it wrote is durable', () => {
  const { clock, bill, object } = world();
  const left: number[] = [];
  const begin = clock.now();
  object.turn('call', () => {
    object.sql.run('CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT) STRICT');
    object.sql.run('CREATE UNIQUE INDEX t_a ON t (a) WHERE a IS NOT NULL');
    object.sql.run('INSERT INTO t (id, a) VALUES (1, ?)', 'x');
    object.sql.run('INSERT INTO t (id, a) VALUES (2, ?)', null);
    object.effect(() => left.push(clock.now() - begin));
  });
  object.turn('call', () => object.effect(() => left.push(clock.now() - begin)));
  expect(left).toEqual([]);
  clock.advance(10);
  expect(left).toEqual([1, 1]);
  expect(Object.fromEntries(bill.rows)).toEqual({ 'thing: t': 3 });
});

test('it is billed for the time it waits, and what wakes it is counted', () => {
  const { clock, bill, object } = world();
  const numbers: number[] = [];
  const look = (cause: string): void => object.turn(cause, (core) => numbers.push(core.number));
  look('first');
  object.timer(15_000, () => {});
  clock.advance(24_000);
  look('second');
  clock.advance(11_000);
  look('third');
  expect(numbers).toEqual([1, 1, 2]);
  expect(Object.fromEntries(bill.active)).toEqual({ thing: 15_000 });
  expect(Object.fromEntries(bill.wakes)).toEqual({ 'thing: first': 1, 'thing: third': 1 });
});

describe('an object leaves memory ten seconds', () => {
  /** Evicted `HIBERNATES_MS` from now, and not a moment earlier. */
  function expectRest({ clock, object }: ReturnType<typeof world>): void {
    clock.advance(HIBERNATES_MS - 1);
    expect(object.isInMemory).toBe(true);
    clock.advance(1);
    expect(object.isInMemory).toBe(false);
  }

  test('after its last turn', () => {
    const w = world();
    w.object.turn('call', () => {});
    w.clock.advance(7_000);
    w.object.turn('call', () => {});
    expectRest(w);
  });

  test('after the last hold was released, whenever its last turn was', () => {
    const w = world();
    const [first, second] = [w.object.hold(), w.object.hold()];
    w.object.turn('call', () => {});
    w.clock.advance(3_000);
    first();
    w.clock.advance(60_000);
    second();
    expectRest(w);
  });

  test('after the turn in which an answer came that it waited for', () => {
    const w = world();
    const release = w.object.hold();
    w.clock.advance(60_000);
    w.object.turn('answer', () => {});
    release();
    expectRest(w);
  });

  test('after its timer ran', () => {
    const w = world();
    w.object.turn('call', () => w.object.timer(30_000, () => {}));
    w.clock.advance(30_000);
    expectRest(w);
  });

  test('after its timer was cancelled, once', () => {
    const w = world();
    let ran = false;
    let cancel = () => {};
    w.object.turn('call', () => {
      cancel = w.object.timer(30_000, () => {
        ran = true;
      });
    });
    w.clock.advance(20_000);
    expect(w.object.isInMemory).toBe(true);
    cancel();
    cancel();
    expectRest(w);
    w.clock.advance(60_000);
    expect(ran).toBe(false);
    expect(Object.fromEntries(w.bill.active)).toEqual({ thing: 20_000 });
  });

  test('after its alarm was done with', () => {
    const w = world();
    let done = () => {};
    const ring = (_: unknown, isDone: () => void): void => {
      done = isDone;
    };
    w.object.turn('call', () => w.object.alarm(w.clock.now() + 60_000, ring));
    w.clock.advance(120_000);
    expect(w.object.isInMemory).toBe(true);
    done();
    expectRest(w);
    expect(Object.fromEntries(w.bill.active)).toEqual({ thing: 60_000 });
  });

  test('and never while something is held, however long', () => {
    const { clock, object } = world();
    object.turn('call', () => {});
    const release = object.hold();
    object.timer(5_000, () => {});
    clock.advance(3_600_000);
    expect(object.isInMemory).toBe(true);
    release();
    expect(release).toThrow('twice');
  });
});

test('an alarm outlives memory, and wakes a core made anew', () => {
  const { clock, bill, object } = world();
  const rung: number[] = [];
  object.turn('call', () =>
    object.alarm(clock.now() + 600_000, (core, done) => {
      rung.push(core.number);
      done();
    }),
  );
  clock.advance(599_999);
  expect(object.isInMemory).toBe(false);
  expect(object.alarmAt).toBeDefined();
  clock.advance(1);
  expect(rung).toEqual([2]);
  expect(bill.wakes.get('thing: alarm')).toBe(1);
  clock.advance(3_600_000);
  expect(rung).toEqual([2]);
});

test('a new alarm replaces the old one; each that is set and each that rings is billed', () => {
  const { clock, bill, object } = world();
  const rung: number[] = [];
  const begin = clock.now();
  for (const at of [5_000, 8_000])
    object.turn('call', () =>
      object.alarm(begin + at, (_, done) => {
        rung.push(clock.now() - begin);
        done();
      }),
    );
  expect(object.alarmAt).toBeDefined();
  clock.advance(20_000);
  expect(rung).toEqual([8_000]);
  expect(object.alarmAt).toBeUndefined();
  const { rows, calls, dollars } = perMessage(bill, 2);
  expect({ rows, calls }).toEqual({ rows: 1, calls: 0.5 });
  expect(dollars.total).toBeCloseTo(1 + 0.5 * 0.15, 10);
});
