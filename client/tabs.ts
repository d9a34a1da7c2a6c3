import type { Down } from '../schema/protocol/down.ts';
import type { Up } from '../schema/protocol/up.ts';
import type { Op } from './outbox.ts';
import type { ConnectionState, Conversation, Draft, ServiceLimits } from './types.ts';

/** What tabs of one device tell each other. */
export type TabMessage =
  /** From a tab that came: how does it stand? */
  | { readonly type: 'who' }
  /** From the one that is connected. `here`: whatever it knows is in the store. */
  | { readonly type: 'here' }
  | { readonly type: 'limits'; readonly limits: ServiceLimits }
  | { readonly type: 'state'; readonly state: ConnectionState }
  | { readonly type: 'frame'; readonly frame: Down }
  /** The whole list of conversations is known. */
  | { readonly type: 'listed' }
  | { readonly type: 'failed'; readonly clientId: string; readonly code: string; readonly detail: string }
  /** To the one that is connected. */
  | { readonly type: 'up'; readonly frame: Up }
  | { readonly type: 'start' | 'wake' }
  /** From any to all. */
  /** Something is said, or said again. */
  | {
      readonly type: 'op';
      readonly op: Op;
      readonly at: number;
      readonly order: string;
      /** The service may have it. */
      readonly tried: boolean;
    }
  /** These were said to the service: it is too late to take them back. */
  | { readonly type: 'tried'; readonly clientIds: readonly string[] }
  | { readonly type: 'cancel'; readonly clientId: string }
  | { readonly type: 'read'; readonly conversation: string; readonly seq: number }
  | { readonly type: 'known'; readonly told: Conversation }
  | { readonly type: 'draft'; readonly conversation: string; readonly draft: Draft | undefined };

/** How programs that share a store and a device find each other. */
export interface Tabs {
  /** Calls `run` when this tab is the one to connect, once; the answer steps down. One tab at a time. */
  lead(run: () => void): () => void;
  post(message: TabMessage): void;
  /** Messages of the other tabs, in the order of each sender. The answer ends it. */
  listen(handler: (message: TabMessage) => void): () => void;
}

/**
 * Tabs of one browser: who holds the lock `name` connects, and the platform gives it to the next when that tab is
 * closed or dies. Undefined where the platform has no locks or channels: then each tab connects by itself.
 */
export function browserTabs(name: string): Tabs | undefined {
  const { locks } = globalThis.navigator ?? {};
  if (!locks || !globalThis.BroadcastChannel) return undefined;
  let channel: BroadcastChannel | undefined;
  return {
    lead(run) {
      const stepDown = new AbortController();
      const { signal } = stepDown;
      const held = (): Promise<void> => {
        run();
        return new Promise((done) => signal.addEventListener('abort', () => done()));
      };
      // Refused only when stepping down before it was this tab's turn.
      locks.request(name, { signal }, held).catch(() => {});
      return () => stepDown.abort();
    },
    post: (message) => channel?.postMessage(message),
    listen(handler) {
      const mine = new BroadcastChannel(name);
      channel = mine;
      mine.onmessage = ({ data }: MessageEvent<TabMessage>) => handler(data);
      return () => {
        if (channel === mine) channel = undefined;
        mine.close();
      };
    },
  };
}
