import { expect, test } from 'vitest';
import { WINDOW } from '../../../../objects/user/pushes.ts';
import { Desk, delivery, entries } from './support.ts';

const KB = 1024;

test('P8 a slow device is sent a window and no more; others go on', () => {
  const desk = new Desk();
  const [slow, quick] = [desk.connect('slow'), desk.connect('quick')];
  desk.inbox.deliver(delivery(entries(1, 1)));
  for (let seq = 2; seq <= 200; seq++) {
    desk.inbox.deliver(delivery(entries(seq, seq, 16 * KB)));
    desk.inbox.pushes.confirm(quick, 'c', seq);
  }
  const [few, all] = [desk.host.take(slow.socket).length, desk.host.take(quick.socket).length];
  expect(all).toBe(200);
  expect(few).toBeLessThan(WINDOW / (16 * KB) + 3);
  expect(slow.window).toBeLessThanOrEqual(WINDOW + 17 * KB);
});

test('P4 what did not fit comes by pull, from where it stopped, when half is confirmed', () => {
  const desk = new Desk();
  const slow = desk.connect('slow');
  for (let seq = 1; seq <= 100; seq++) desk.inbox.deliver(delivery(entries(seq, seq, 16 * KB)));
  const pushed = slow.pending.get('c')?.pushed ?? 0;
  expect(pushed).toBeLessThan(100);
  desk.inbox.pushes.confirm(slow, 'c', 2);
  expect(desk.behind).toEqual([]);
  desk.inbox.pushes.confirm(slow, 'c', pushed);
  expect(desk.behind).toMatchObject([{ conversation: 'c', pending: { pushed, to: 100 } }]);
  desk.inbox.pushes.confirm(slow, 'c', pushed);
  expect(desk.behind.length).toBe(1);
  const rest = desk.inbox.pushes.fitting(slow, entries(pushed + 1, 100, 16 * KB));
  desk.inbox.pushes.expect(slow, 'c', rest);
  desk.inbox.pushes.confirm(slow, 'c', 100);
  expect([slow.window, slow.pending.size, desk.inbox.settled('c')]).toEqual([0, 0, 100]);
});

test('P4 what is still to come by pull is not pushed out of order meanwhile', () => {
  const desk = new Desk();
  const slow = desk.connect('slow');
  for (let seq = 1; seq <= 100; seq++) desk.inbox.deliver(delivery(entries(seq, seq, 16 * KB)));
  const pushed = slow.pending.get('c')?.pushed ?? 0;
  desk.host.take(slow.socket);
  desk.inbox.pushes.confirm(slow, 'c', pushed);
  desk.inbox.deliver(delivery(entries(101, 101)));
  expect(desk.host.take(slow.socket)).toEqual([]);
  expect(slow.pending.get('c')).toMatchObject({ from: pushed + 1, to: 101 });
});

test('P4 what went out in a batch is not pushed again', () => {
  const desk = new Desk();
  const phone = desk.connect('phone');
  desk.inbox.pushes.expect(phone, 'c', entries(1, 5));
  desk.inbox.pushes.push(phone, 'c', { seq: 5, json: '"seq":5}' });
  desk.inbox.pushes.push(phone, 'c', { seq: 6, json: '"seq":6}' });
  expect(desk.host.take(phone.socket).map((f) => f['seq'])).toEqual([6]);
});
