import type { DeliverCall } from '../../objects/shared/rpc.ts';

/** How often entries travelled, against budgets that a broken promise alone would not show. */
export class Delivered {
  /** Calls to members. */
  calls = 0;
  /** Entries in them. */
  inCalls = 0;
  /** Entries sent to devices without being asked for: live, and by resumes. */
  toDevices = 0;

  called(call: DeliverCall): void {
    this.calls++;
    this.inCalls += call.entries.length;
  }

  resumed(entries: number): void {
    this.toDevices += entries;
  }

  /** A frame to a device. */
  sent(frame: string): void {
    if (LIVE.test(frame)) this.toDevices++;
  }
}

const LIVE = /^\{"cursor":\d+,"type":"(message|edit|delete|react|member|conversation|withheld)"/;
