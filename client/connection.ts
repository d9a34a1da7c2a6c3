import type { Down } from '../schema/protocol/down.ts';
import { fullJitter } from './backoff.ts';
import { NEVER } from './clock.ts';
import type { CloseReason, ConnectionState, RetryReason } from './types.ts';

/**
 * The life of the connection as a pure state machine: an event and the time in, the next state and what to do out.
 * Each try has an `epoch`; what an earlier try still says is ignored. Times are those of the clock, in ms.
 */
export interface Connection {
  readonly name: ConnectionState['name'];
  /** How far this try has come; undefined: there is none. `link`: from `welcome` on. */
  readonly phase: 'token' | 'opening' | 'link' | undefined;
  readonly epoch: number;
  /** When this try is given up, or the next is made. */
  readonly at: number;
  /** Why there is a wait, or why there is no more. */
  readonly reason: RetryReason | CloseReason;
  /** Failures in a row. */
  readonly attempt: number;
  /** Tries in a row that ended before the socket opened: browsers don't say when that was a stale token. */
  readonly refused: number;
  /** Tokens in a row that the service would not take. */
  readonly rejected: number;
  /** Not before this time, on the service's word. */
  readonly notBefore: number;
  readonly network: boolean;

  // Of a link.
  /** When everything missed had come. */
  readonly since: number;
  /** ms between pings. */
  readonly heartbeat: number;
  /** Last sign of life. */
  readonly seen: number;
  readonly pinged: number;
  /** Some frame has to come before this, or the line is dead whatever the socket says: the page woke up. */
  readonly proveBy: number;
}

/** The code of a close by our own transport, which has found a better way: no socket gives it. */
export const BETTER = 0;

export interface CloseInfo {
  readonly code: number;
  /** The service writes the error's code here. */
  readonly reason: string;
}

/** What a line that died is closed with. */
export const LOST: CloseInfo = { code: 1006, reason: '' };

export type ConnectionEvent =
  | { readonly type: 'start' }
  | { readonly type: 'stop' }
  | { readonly type: 'token'; readonly epoch: number; readonly token: string }
  | {
      readonly type: 'token-failed';
      readonly epoch: number;
      /** Of the error. */
      readonly code: string;
      readonly retryAfter?: number | undefined;
    }
  | { readonly type: 'opened'; readonly epoch: number }
  | { readonly type: 'frame'; readonly epoch: number; readonly frame: Down }
  | ({ readonly type: 'closed'; readonly epoch: number } & CloseInfo)
  | { readonly type: 'tick' }
  /** The page came back from sleep or from behind others, so nothing that was believed of the line counts. */
  | { readonly type: 'wake' }
  | { readonly type: 'network'; readonly online: boolean };

export type Effect =
  | { readonly type: 'get-token'; readonly epoch: number; readonly force: boolean }
  | { readonly type: 'open'; readonly epoch: number; readonly token: string }
  | { readonly type: 'hello' }
  | { readonly type: 'ping' }
  /** Tell the socket that what it believes of the line has to be proven; a `ping` follows. */
  | { readonly type: 'doubt' }
  /** Close the socket; its own `closed` is of an old epoch by then. */
  | { readonly type: 'drop' };

export interface Step {
  readonly state: Connection;
  readonly effects: readonly Effect[];
}

export interface Env {
  readonly now: number;
  readonly random: () => number;
}

const TOKEN_MS = 30_000;
const OPENING_MS = 15_000;
/** Whoever was sent away for talking too much waits this long even if no time was named. */
const TOO_MUCH_MS = 5000;
/** Of the protocol's errors, and of WebSocket's own codes. */
const REASONS: Readonly<Record<number, RetryReason>> = {
  1001: 'going-away',
  1005: 'network',
  1006: 'network',
  1011: 'unavailable',
  1012: 'going-away',
  1013: 'unavailable',
  4429: 'rate_limited',
};
/** A connection that lived this long was a good one: the next failure starts from the shortest wait again. */
const STEADY_MS = 10_000;
/** Without a network one try now and then, since platforms sometimes report it wrongly. */
const OFFLINE_MS = 30_000;
/** Within this time a line answers the ping of a wake, or is left. */
const PROVE_MS = 5000;
/** A tick that comes so much later than it was wanted: the machine slept. */
const JUMP_MS = 10_000;

export const idle: Connection = {
  name: 'idle',
  phase: undefined,
  epoch: 0,
  at: NEVER,
  reason: 'network',
  attempt: 0,
  refused: 0,
  rejected: 0,
  notBefore: 0,
  network: true,
  since: 0,
  heartbeat: 0,
  seen: 0,
  pinged: 0,
  proveBy: NEVER,
};

/** What is everybody's business. */
export function shown({ name, attempt, at, reason }: Connection): ConnectionState {
  if (name === 'connecting') return { name, attempt };
  if (name === 'reconnecting' || name === 'offline')
    return { name, reason: reason as RetryReason, attempt, at };
  return name === 'closed' ? { name, reason: reason as CloseReason } : { name };
}

/** When the machine wants a `tick`, at the latest. */
export function deadline({ phase, at, heartbeat, seen, pinged, proveBy }: Connection): number {
  if (phase !== 'link') return at;
  if (proveBy !== NEVER) return proveBy;
  return Math.min(pinged + heartbeat, seen < pinged ? seen + 2 * heartbeat : NEVER);
}

export function step(state: Connection, event: ConnectionEvent, env: Env): Step {
  const { phase } = state;
  if ('epoch' in event && event.epoch !== state.epoch) return to(state);
  switch (event.type) {
    case 'start':
      return phase || waits(state)
        ? to(state)
        : // After the end of a session the old token won't do.
          connect(
            { ...state, attempt: 0, refused: 0, rejected: +(state.reason === 'session_ended'), notBefore: 0 },
            env,
          );
    case 'stop':
      return leave(state, { name: 'closed', reason: 'stopped' });
    case 'token':
      return phase === 'token'
        ? to(state, { phase: 'opening', at: env.now + OPENING_MS }, { ...event, type: 'open' })
        : to(state);
    case 'token-failed':
      return phase === 'token' ? tokenFailed(state, event, env) : to(state);
    case 'opened':
      return phase === 'opening' ? to(state, { refused: 0 }, { type: 'hello' }) : to(state);
    case 'frame':
      return phase === 'opening' || phase === 'link' ? frameCame(state, event.frame, env) : to(state);
    case 'closed':
      return phase === 'opening' || phase === 'link' ? closed(state, event, env) : to(state);
    case 'tick':
      return tick(state, env);
    case 'wake':
      return wake(state, env);
    case 'network':
      return network(state, event.online, env);
  }
}

const to = (state: Connection, change?: Partial<Connection>, ...effects: Effect[]): Step => ({
  state: change ? { ...state, ...change } : state,
  effects,
});

const waits = ({ name }: Connection): boolean => name === 'reconnecting' || name === 'offline';

function connect(state: Connection, env: Env): Step {
  const { refused, rejected } = state;
  const epoch = state.epoch + 1;
  // A refused upgrade may be a stale token that nobody names: try a fresh one the second time, then now and then.
  const force = rejected > 0 || refused === 2 || (refused > 0 && refused % 8 === 0);
  return to(
    state,
    { name: 'connecting', phase: 'token', epoch, at: env.now + TOKEN_MS },
    { type: 'get-token', epoch, force },
  );
}

/** Ends the present try, its epoch too. */
function leave(state: Connection, change: Partial<Connection>): Step {
  const effects: Effect[] = state.phase && state.phase !== 'token' ? [{ type: 'drop' }] : [];
  return to(state, { at: NEVER, ...change, phase: undefined, epoch: state.epoch + 1 }, ...effects);
}

/** Ends the present try and waits; `wait` is a lower bound in ms, on the service's word. */
function retry(state: Connection, env: Env, reason: RetryReason, wait = 0): Step {
  const { name, network } = state;
  const { now, random } = env;
  const steady = name === 'online' && now - state.since >= STEADY_MS;
  const before = steady ? 0 : state.attempt;
  const jitter = fullJitter(before, random);
  const named = Math.max(state.notBefore, wait > 0 ? now + wait : 0);
  return leave(state, {
    name: network ? 'reconnecting' : 'offline',
    attempt: before + 1,
    at: Math.max(now + (network ? jitter : OFFLINE_MS), named + jitter),
    reason,
    notBefore: named,
  });
}

function tokenFailed(
  state: Connection,
  { code, retryAfter = 0 }: Extract<ConnectionEvent, { type: 'token-failed' }>,
  env: Env,
): Step {
  if (code === 'session_ended') return leave(state, { name: 'closed', reason: code });
  if (code === 'unauthenticated') return leave(state, { name: 'needs-auth' });
  return retry(state, env, code === 'network' ? code : 'token', retryAfter * 1000);
}

function frameCame(state: Connection, frame: Down, { now }: Env): Step {
  const alive = state.phase === 'link' ? { seen: now, proveBy: NEVER } : {};
  switch (frame.type) {
    case 'welcome':
      if (state.phase === 'link') break;
      return to(state, {
        phase: 'link',
        heartbeat: frame.heartbeat,
        seen: now,
        pinged: now,
        proveBy: NEVER,
        rejected: 0,
      });
    case 'synced':
      if (state.phase !== 'link' || state.name === 'online') break;
      return to(state, { ...alive, name: 'online', since: now });
    case 'error':
      // One that answers a frame of ours is the outbox's; the others may announce a close, and say how long to wait.
      if (frame.clientId !== undefined || frame.retryAfter === undefined) break;
      return to(state, { ...alive, notBefore: now + frame.retryAfter * 1000 });
  }
  return to(state, alive);
}

/** What a close means, by the protocol's table of errors. Any other code is a lost connection: back off and come again. */
function closed(state: Connection, { code, reason }: CloseInfo, env: Env): Step {
  switch (code) {
    case BETTER:
      return comeBack({ ...state, attempt: 0 }, env, 'going-away');
    case 4401:
      return state.rejected > 0
        ? leave(state, { name: 'needs-auth' })
        : connect({ ...state, rejected: 1 }, env);
    case 4403:
      return leave(state, { name: 'closed', reason: 'session_ended' });
    case 4426:
      return leave(state, { name: 'closed', reason: 'unsupported_version' });
  }
  const refused = state.phase === 'opening' ? state.refused + 1 : 0;
  const why = reason === 'overloaded' ? reason : (REASONS[code] ?? 'refused');
  return retry({ ...state, refused }, env, why, code === 4429 ? TOO_MUCH_MS : 0);
}

function tick(state: Connection, env: Env): Step {
  const { phase, heartbeat, seen, pinged } = state;
  const { now } = env;
  const late = now - deadline(state);
  if (late < 0) return to(state);
  if (!phase) return connect(state, env);
  if (phase !== 'link') {
    const next = phase === 'opening' ? closed(state, LOST, env) : retry(state, env, 'token');
    return late > JUMP_MS ? then(next, (ended) => wake(ended, env)) : next;
  }
  // Only an unanswered ping proves silence: a laptop that slept has heard nothing for hours on a good line.
  if (late > JUMP_MS) return prove(state, env);
  if (state.proveBy <= now) return comeBack(state, env, 'silent');
  if (seen < pinged && now - seen >= 2 * heartbeat) return retry(state, env, 'silent');
  return to(state, { pinged: now }, { type: 'ping' });
}

function then({ state, effects }: Step, next: (state: Connection) => Step): Step {
  const second = next(state);
  return { state: second.state, effects: [...effects, ...second.effects] };
}

/** Leaves this connection for a new one, without a wait unless the service asked for one. */
const comeBack = (state: Connection, env: Env, reason: RetryReason): Step =>
  state.notBefore > env.now
    ? retry(state, env, reason)
    : then(to(state, undefined, { type: 'drop' }), (left) => connect(left, env));

const prove = (state: Connection, { now }: Env): Step =>
  to(state, { pinged: now, proveBy: now + PROVE_MS }, { type: 'doubt' }, { type: 'ping' });

function wake(state: Connection, env: Env): Step {
  const { proveBy, notBefore } = state;
  // One at a time; but a deadline that passed in our sleep says nothing.
  if (state.phase === 'link')
    return proveBy === NEVER || env.now - proveBy > JUMP_MS ? prove(state, env) : to(state);
  if (!waits(state)) return to(state);
  if (notBefore <= env.now) return connect(state, env);
  return to(state, { at: Math.min(state.at, notBefore + fullJitter(0, env.random)) });
}

function network(state: Connection, online: boolean, env: Env): Step {
  const known = { ...state, network: online };
  // What was reached over one network says nothing about the next.
  if (online) return wake(waits(state) ? { ...known, name: 'reconnecting', attempt: 0 } : known, env);
  return state.name === 'reconnecting'
    ? to(known, { name: 'offline', at: Math.max(state.at, env.now + OFFLINE_MS) })
    : to(known);
}
