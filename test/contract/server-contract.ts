import { describe } from 'vitest';
import { accountContract } from './server/accounts.ts';
import { blockingContract } from './server/blocking.ts';
import type { Service } from './server/device.ts';
import { errorContract } from './server/errors.ts';
import { historyContract } from './server/history.ts';
import { knowingContract } from './server/knowing.ts';
import { membershipContract } from './server/membership.ts';
import { orderingContract } from './server/ordering.ts';
import { pollingContract } from './server/polling.ts';
import { prefsContract } from './server/prefs.ts';
import { receiptContract } from './server/receipts.ts';
import { resumeContract } from './server/resuming.ts';

/**
 * What a client sees of a service, whichever it is: run against the real one and against the one in memory, so that
 * the two can't drift apart. Without presence and typing, which the real one doesn't have yet.
 * @param open the service; asked for when a test runs
 */
export function serverContract(name: string, open: () => Service): void {
  describe(`${name}: order and sends`, () => orderingContract(open));
  describe(`${name}: resume`, () => resumeContract(open));
  describe(`${name}: receipts`, () => receiptContract(open));
  describe(`${name}: blocks`, () => blockingContract(open));
  describe(`${name}: membership`, () => membershipContract(open));
  describe(`${name}: preferences`, () => prefsContract(open));
  describe(`${name}: history`, () => historyContract(open));
  describe(`${name}: long polling`, () => pollingContract(open));
  describe(`${name}: who knows what`, () => knowingContract(open));
  describe(`${name}: errors`, () => errorContract(open));
  describe(`${name}: accounts`, () => accountContract(open));
}
