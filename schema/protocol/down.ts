import { type Infer, union } from './check.ts';
import {
  batch,
  conversationChanged,
  deleted,
  edited,
  memberChanged,
  message,
  reacted,
  withheld,
} from './frames-log.ts';
import { prefsChanged } from './frames-prefs.ts';
import { hint, presence, typingOf } from './frames-presence.ts';
import { receipt } from './frames-receipt.ts';
import { ack } from './frames-send.ts';
import { error, pong, synced, welcome } from './frames-session.ts';

/** Everything the service may send. */
export const DOWN = {
  welcome,
  batch,
  synced,
  ack,
  message,
  edit: edited,
  delete: deleted,
  react: reacted,
  member: memberChanged,
  conversation: conversationChanged,
  withheld,
  receipt,
  prefs: prefsChanged,
  typing: typingOf,
  presence,
  hint,
  error,
  pong,
};
export const down = union('type', DOWN);
export type Down = Infer<typeof down>;
export type DownOf<T extends keyof typeof DOWN> = Infer<(typeof DOWN)[T]>;
