import { type Infer, union } from './check.ts';
import { pull } from './frames-log.ts';
import { typing } from './frames-presence.ts';
import { read, received } from './frames-receipt.ts';
import { edit, react, remove, send } from './frames-send.ts';
import { focus, hello, ping, watch } from './frames-session.ts';

/** Everything a client may send. */
export const UP = {
  hello,
  send,
  edit,
  delete: remove,
  react,
  received,
  read,
  pull,
  typing,
  focus,
  watch,
  ping,
};
export const up = union('type', UP);
export type Up = Infer<typeof up>;
export type UpOf<T extends keyof typeof UP> = Infer<(typeof UP)[T]>;
