import {
  described,
  integer,
  list,
  literal,
  nullable,
  number,
  object,
  optional,
  record,
  text,
} from './check.ts';
import { cursor, id, position, time } from './ids.ts';
import { MAX_KNOWN } from './knows.ts';
import { DEFAULT_LIMITS, MAX_RESUME } from './limits.ts';

/** Last entry this device has, by conversation. */
export const heads = record(id, position, 1000);

/** What a side knows beyond release 0.1.0; those it doesn't know are ignored. */
export const knows = list(text({ min: 1, max: 32, pattern: /^[a-z][a-z0-9.-]*$/ }), MAX_KNOWN);

/** First frame of a socket: starts the resume. Without `cursor`: a new device, which gets no batches. */
export const hello = object(
  {
    type: literal('hello'),
    cursor: optional(cursor),
    heads: optional(heads),
    limit: optional(
      integer(1, MAX_RESUME, 'Most messages per conversation; default is the limit `resumeMessages`.'),
    ),
    knows: optional(described(knows, 'Additions to the contract that this client knows.')),
  },
  'The first frame of a socket: starts the resume. Without `cursor`: a new device, which gets no batches.',
);

export const focus = object(
  { type: literal('focus'), conversation: nullable(id) },
  'What is open on the screen; null for nothing.',
);
export const watch = object(
  { type: literal('watch'), users: list(id, 100) },
  'Presence of these users, for 60 s.',
);
export const ping = object(
  { type: literal('ping') },
  'A sign of life. Sent as exactly `{"type":"ping"}`; the runtime answers it.',
);

type LimitsShape = { [K in keyof typeof DEFAULT_LIMITS]: ReturnType<typeof optional<number>> };
const limits = object(
  Object.fromEntries(Object.keys(DEFAULT_LIMITS).map((key) => [key, optional(number(0))])) as LimitsShape,
  'The limits of this deployment.',
);

export const welcome = object(
  {
    type: literal('welcome'),
    user: id,
    device: id,
    cursor,
    heartbeat: integer(1000, 3_600_000, 'Milliseconds between pings.'),
    time,
    limits,
    knows: optional(described(knows, 'Additions to the contract that this service knows.')),
  },
  'Answers `hello`: who the device is, where its user stands, and what holds here. Comes again when the service has changed, to who knows `welcome.again`.',
);
export const synced = object({ type: literal('synced'), cursor }, 'The resume is complete up to `cursor`.');
export const pong = object({ type: literal('pong') }, 'Answers `ping`.');
export const error = object(
  {
    type: literal('error'),
    code: text({
      max: 64,
      describe: 'One of the table of errors; treat a code you do not know as `internal`.',
    }),
    detail: text({ max: 1024, describe: 'Says what to do; safe to show.' }),
    clientId: optional(id),
    conversation: optional(id),
    retryAfter: optional(number(0, 'Seconds.')),
  },
  'Answers the frame that caused it.',
);
