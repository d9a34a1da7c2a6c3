import { expect, test } from 'vitest';
import { newConnection, newRates } from '../../../../objects/user/connection.ts';
import { Resumes } from '../../../../objects/user/resume.ts';
import { ShownReceipts } from '../../../../objects/user/shown-receipts.ts';
import { DEFAULT_LIMITS } from '../../../../schema/protocol/limits.ts';
import { Desk, delivery, entries, NOW } from './support.ts';

const receipt = (delivered: number, read: number, about = '"conversation":"c","user":"you"'): string =>
  `{"type":"receipt",${about},"delivered":${delivered},"read":${read}}`;

test('P6 marks go forward or stay, for each conversation and user by themselves', () => {
  const shown = new ShownReceipts();
  expect(shown.passes(receipt(5, 3))).toBe(true);
  expect(shown.passes(receipt(5, 3))).toBe(true);
  expect([shown.passes(receipt(4, 3)), shown.passes(receipt(5, 2))]).toEqual([false, false]);
  expect(shown.passes(receipt(5, 4))).toBe(true);
  for (const about of ['"conversation":"c"', '"conversation":"c","user":"me"', '"conversation":"d"'])
    expect(shown.passes(receipt(1, 1, about))).toBe(true);
  expect(shown.passes('{"type":"pong"}')).toBe(true);
});

test('P6 one’s own marks are told as high as they were told before, each by itself', () => {
  const shown = new ShownReceipts();
  expect(shown.forward(receipt(66, 59))).toBe(receipt(66, 59));
  expect(shown.forward(receipt(59, 60))).toBe(receipt(66, 60));
  expect(shown.forward(receipt(70, 1))).toBe(receipt(70, 60));
  expect(shown.forward(receipt(1, 1, '"conversation":"d","user":"you"'))).toBe(
    receipt(1, 1, '"conversation":"d","user":"you"'),
  );
  expect(shown.forward('{"type":"pong"}')).toBe('{"type":"pong"}');
});

test('P8 of any number of conversations the last ones are remembered', () => {
  const shown = new ShownReceipts();
  const of = (i: number, marks: number): boolean =>
    shown.passes(receipt(marks, marks, `"conversation":"c${i}"`));
  for (let i = 0; i < 5_000; i++) of(i, 9);
  expect([of(4_999, 8), of(4_950, 8)]).toEqual([false, false]);
  expect(of(0, 8)).toBe(true);
});

test('P6 what a conversation answers to a resume does not take back what it told meanwhile, nor the reverse', () => {
  const desk = new Desk();
  desk.connect('phone');
  desk.inbox.closed(1);
  desk.inbox.deliver(delivery(entries(1, 3)));
  const kept = { device: 'phone', synced: false, ceiling: desk.inbox.notes.cursor };
  const c = newConnection(9, kept, newRates(DEFAULT_LIMITS, NOW), NOW);
  desk.inbox.open(c);
  new Resumes(desk.host, desk.inbox, desk.prefs, desk.reports, 'me', DEFAULT_LIMITS, () => {}).start(c, {
    type: 'hello',
    cursor: 0,
    heads: { c: 3 },
  });
  const pull = desk.host.next('pull');
  desk.inbox.deliver(delivery(entries(4, 4), { receipts: [receipt(4, 4)] }));
  const own = { delivered: 0, read: 0 };
  pull.done({ ok: true, kind: 'direct', entries: [], head: 3, receipts: [receipt(3, 2)], own });
  desk.inbox.deliver(delivery([], { head: 4, receipts: [receipt(3, 3)] }));
  desk.inbox.deliver(delivery([], { head: 4, receipts: [receipt(5, 4)] }));
  const told = desk.host.take(9).filter(({ type }) => type === 'receipt');
  expect(told).toMatchObject([
    { delivered: 4, read: 4 },
    { delivered: 5, read: 4 },
  ]);
});
