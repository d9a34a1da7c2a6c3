import { expect, test } from 'vitest';
import { Bill, perMessage } from '../../../bench/cost/bill.ts';
import { SimulatedObject } from '../../../bench/cost/simulated-object.ts';
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
  object.turn(() => {
    object.sql.run('CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT) STRICT');
    object.sql.run('CREATE UNIQUE INDEX t_a ON t (a) WHERE a IS NOT NULL');
    object.sql.run('INSERT INTO t (id, a) VALUES (1, ?)', 'x');
    object.sql.run('INSERT INTO t (id, a) VALUES (2, ?)', null);
    object.effect(() => left.push(clock.now() - begin));
  });
  object.turn(() => object.effect(() => left.push(clock.now() - begin)));
  expect(left).toEqual([]);
  clock.advance(10);
  expect(left).toEqual([1, 1]);
  expect(Object.fromEntries(bill.rows)).toEqual({ 'thing: t': 3 });
});

test('it leaves memory when nothing is awaited, and is billed for the time it waits', () => {
  const { clock, bill, object } = world();
  const numbers: number[] = [];
  const look = (): void => object.turn((core) => numbers.push(core.number));
  look();
  object.timer(15_000, () => {});
  clock.advance(24_000);
  look();
  clock.advance(11_000);
  look();
  expect(numbers).toEqual([1, 1, 2]);
  expect(Object.fromEntries(bill.active)).toEqual({ thing: 15_000 });
});

test('a new alarm replaces the old one; each that is set and each that rings is billed', () => {
  const { clock, bill, object } = world();
  const rung: number[] = [];
  const begin = clock.now();
  for (const at of [5_000, 8_000])
    object.turn(() => object.alarm(begin + at, () => rung.push(clock.now() - begin)));
  expect(object.hasAlarm).toBe(true);
  clock.advance(20_000);
  expect(rung).toEqual([8_000]);
  expect(object.hasAlarm).toBe(false);
  const { rows, calls, dollars } = perMessage(bill, 2);
  expect({ rows, calls }).toEqual({ rows: 1, calls: 0.5 });
  expect(dollars.total).toBeCloseTo(1 + 0.5 * 0.15, 10);
});
