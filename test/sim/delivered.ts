import type { DeliverCall } from '../../objects/shared/rpc.ts';

/** How often entries travelled, against budgets that a broken promise alone would not show. */
export class Delivered {
  /** Entries in calls to members. */
  inCalls = 0;
  /** Entries that arrived at devices without being asked for. */
  atDevices = 0;

  calls(_conversation: string, call: DeliverCall): void {
    this.inCalls += call.entries.length;
  }
}
