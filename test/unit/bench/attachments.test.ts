import { expect, test } from 'vitest';
import { ATTACHMENT_BYTES, Attachments } from '../../../bench/cost/attachments.ts';
import type { KeptSocket } from '../../../objects/user/host.ts';

const kept: KeptSocket = { device: 'phone', synced: true, ceiling: 64 };

test('a socket keeps a copy: what is changed in memory afterwards is not kept', () => {
  const attachments = new Attachments('ada');
  const told = ['c1'];
  attachments.keep(1, { ...kept, told });
  told.push('c2');
  const found = attachments.all().get(1);
  expect(found).toMatchObject({ ...kept, told: ['c1'] });
  (found as { told?: string[] } | undefined)?.told?.push('c3');
  expect(attachments.all().get(1)?.told).toEqual(['c1']);
});

test('a socket that is gone keeps nothing, and the others keep theirs', () => {
  const attachments = new Attachments('ada');
  attachments.keep(1, kept);
  attachments.keep(2, { ...kept, device: 'tablet' });
  attachments.delete(1);
  expect([...attachments.all()].map(([socket, { device }]) => [socket, device])).toEqual([[2, 'tablet']]);
});

test('more than the platform keeps is refused, and what was kept before stays', () => {
  const attachments = new Attachments('ada');
  attachments.keep(1, kept);
  const large = { ...kept, told: ['x'.repeat(ATTACHMENT_BYTES)] };
  expect(() => attachments.keep(1, large)).toThrow(`at most ${ATTACHMENT_BYTES} bytes`);
  attachments.keep(1, { ...kept, told: ['x'.repeat(ATTACHMENT_BYTES - 200)] });
  expect(attachments.all().get(1)?.device).toBe('phone');
});
