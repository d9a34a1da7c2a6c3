import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Marks, NO_MARKS, withReceipt } from '../../../client/marks.ts';
import { deliveryOf, reachedBy } from '../../../client/reached.ts';
import type { Delivery } from '../../../client/types.ts';

const receipt = (user: string | undefined, delivered: number, read: number) => ({
  type: 'receipt' as const,
  conversation: 'c',
  delivered,
  read,
  ...(user === undefined ? {} : { user }),
});

test('P6: marks only move forward, and read implies delivered', () => {
  const anyReceipt = fc.tuple(fc.constantFrom('bob', undefined), fc.nat(20), fc.nat(20));
  fc.assert(
    fc.property(fc.array(anyReceipt), (receipts) => {
      let marks: Marks = NO_MARKS;
      for (const [user, delivered, read] of receipts) {
        const next = withReceipt(marks, receipt(user, delivered, read));
        for (const pick of [
          (m: Marks) => m.everyone,
          (m: Marks) => m.users['bob'] ?? { delivered: 0, read: 0 },
        ]) {
          expect(pick(next).delivered).toBeGreaterThanOrEqual(pick(marks).delivered);
          expect(pick(next).read).toBeGreaterThanOrEqual(pick(marks).read);
          expect(pick(next).delivered).toBeGreaterThanOrEqual(pick(next).read);
        }
        marks = next;
      }
    }),
  );
});

test('a receipt that says nothing new changes nothing', () => {
  const marks = withReceipt(NO_MARKS, receipt('bob', 3, 2));
  expect(withReceipt(marks, receipt('bob', 2, 1))).toBe(marks);
  expect(withReceipt(NO_MARKS, receipt(undefined, 0, 0))).toBe(NO_MARKS);
});

const delivery = (marks: Marks, seq: number, me: string, others: number): Delivery =>
  deliveryOf({ seq }, reachedBy(marks, undefined, others, me));

test('a message has come as far as the slowest member', () => {
  const bob = withReceipt(NO_MARKS, receipt('bob', 5, 3));
  expect([3, 4, 6].map((seq) => delivery(bob, seq, 'ada', 1))).toEqual(['read', 'delivered', 'sent']);
  expect(delivery(bob, 3, 'ada', 2)).toBe('sent');
  const both = withReceipt(bob, receipt('cyd', 4, 0));
  expect(delivery(both, 3, 'ada', 2)).toBe('delivered');
  const group = withReceipt(NO_MARKS, receipt(undefined, 9, 8));
  expect([8, 9, 10].map((seq) => delivery(group, seq, 'ada', 40))).toEqual(['read', 'delivered', 'sent']);
});

test('the sender’s own mark doesn’t count', () => {
  expect(delivery(withReceipt(NO_MARKS, receipt('ada', 5, 5)), 5, 'ada', 1)).toBe('sent');
  // In a conversation of one there is nobody to reach.
  expect(delivery(NO_MARKS, 5, 'ada', 0)).toBe('sent');
});
