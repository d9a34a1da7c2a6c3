import type { Down } from '../schema/protocol/down.ts';
import { fullJitter } from './backoff.ts';
import { afterClose, type CloseInfo } from './close-codes.ts';
import type { CloseReason, RetryReason } from './types.ts';

/**
 * The life of the connection as a pure state machine: an event and the time in, the next state and what to do out.
 * Each try has an `epoch`; what an earlier try still says is ignored.
 */
export type Connection =
  | { readonly name: 'idle'; readonly tries: Tries }
  | {
      readonly name: 'connecting';
      readonly phase: 'token' | 'opening';
      readonly attempt: number;
      readonly until: number;
      readonly tries: Tries;
    }
  | {
      readonly name: 'connecting';
      readonly phase: 'resuming';
      readonly attempt: number;
      readonly link: Link;
      readonly tries: Tries;
    }
  | { readonly name: 'online'; readonly since: number; readonly link: Link; readonly tries: Tries }
  | {
      readonly name: 'reconnecting' | 'offline';
      readonly attempt: number;
      readonly at: number;
      readonly reason: RetryReason;
      readonly tries: Tries;
    }
  | { readonly name: 'needs-auth'; readonly tries: Tries }
  | { readonly name: 'closed'; readonly reason: CloseReason; readonly tries: Tries };

/** What is remembered from one try to the next. */
export interface Tries {
  readonly epoch: number;
  /** Failures in a row. */
  readonly attempt: number;
  /** Tries in a row that ended before the socket opened: browsers don't say when that was a stale token. */
  readonly refused: number;
  /** Tokens in a row that the service would not take. */
  readonly rejected: number;
  /** Not before this time, on the service's word. */
  readonly notBefore: number;
  readonly network: boolean;
}

interface Link {
  /** ms between pings. */
  readonly heartbeat: number;
  /** Last sign of life. */
  readonly seen: number;
  readonly pinged: number;
  /** Some frame has to come before this, or the line is dead whatever the socket says: the page woke up. */
  readonly proveBy: number;
  /** The service goes away; this is our random moment to come back. */
  readonly leaveAt: number;
}

export type ConnectionEvent =
  | { readonly type: 'start' }
  | { readonly type: 'stop' }
  | { readonly type: 'token'; readonly epoch: number; readonly token: string }
  | {
      readonly type: 'token-failed';
      readonly epoch: number;
      readonly why: 'auth' | 'ended' | 'network' | 'later';
      readonly retryAfter?: number;
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
/** A connection that lived this long was a good one: the next failure starts from the shortest wait again. */
const STEADY_MS = 10_000;
/** Without a network one try now and then, since platforms sometimes report it wrongly. */
const OFFLINE_MS = 30_000;
/** Within this time a line answers the ping of a wake, or is left. */
const PROVE_MS = 5000;
/** A tick that comes so much later than it was wanted: the machine slept. */
const JUMP_MS = 10_000;
const NEVER = Number.POSITIVE_INFINITY;

export const idle: Connection = {
  name: 'idle',
  tries: { epoch: 0, attempt: 0, refused: 0, rejected: 0, notBefore: 0, network: true },
};

/** When the machine wants a `tick`, at the latest. */
export function deadline(state: Connection): number {
  switch (state.name) {
    case 'connecting':
      return state.phase === 'resuming' ? linkDeadline(state.link) : state.until;
    case 'online':
      return linkDeadline(state.link);
    case 'reconnecting':
    case 'offline':
      return state.at;
    case 'idle':
    case 'needs-auth':
    case 'closed':
      return NEVER;
  }
}

export function step(state: Connection, event: ConnectionEvent, env: Env): Step {
  if ('epoch' in event && event.epoch !== state.tries.epoch) return stay(state);
  switch (event.type) {
    case 'start':
      return state.name === 'idle' || state.name === 'closed' || state.name === 'needs-auth'
        ? connect({ ...state.tries, attempt: 0, refused: 0, rejected: 0, notBefore: 0 }, env)
        : stay(state);
    case 'stop':
      return end(state, 'stopped');
    case 'token':
      if (!isPhase(state, 'token')) return stay(state);
      return {
        state: { ...state, phase: 'opening', until: env.now + OPENING_MS },
        effects: [{ type: 'open', epoch: event.epoch, token: event.token }],
      };
    case 'token-failed':
      return isPhase(state, 'token') ? tokenFailed(state, event, env) : stay(state);
    case 'opened':
      return isPhase(state, 'opening')
        ? { state: { ...state, tries: { ...state.tries, refused: 0 } }, effects: [{ type: 'hello' }] }
        : stay(state);
    case 'frame':
      return frameCame(state, event.frame, env);
    case 'closed':
      return closed(state, event, env);
    case 'tick':
      return tick(state, env);
    case 'wake':
      return wake(state, env);
    case 'network':
      return network(state, event.online, env);
  }
}

const stay = (state: Connection): Step => ({ state, effects: [] });

function isPhase(
  state: Connection,
  phase: 'token' | 'opening',
): state is Extract<Connection, { phase: 'token' | 'opening' }> {
  return state.name === 'connecting' && state.phase === phase;
}

const linked = (state: Connection): boolean =>
  state.name === 'online' || (state.name === 'connecting' && state.phase !== 'token');

function connect(tries: Tries, env: Env): Step {
  const epoch = tries.epoch + 1;
  // A refused upgrade may be a stale token that nobody names: try a fresh one the second time, then now and then.
  const force = tries.rejected > 0 || tries.refused === 2 || (tries.refused > 0 && tries.refused % 8 === 0);
  return {
    state: {
      name: 'connecting',
      phase: 'token',
      attempt: tries.attempt,
      until: env.now + TOKEN_MS,
      tries: { ...tries, epoch },
    },
    effects: [{ type: 'get-token', epoch, force }],
  };
}

/** Ends the present try (its epoch too) and waits; `wait` is a lower bound in ms, on the service's word. */
function retry(state: Connection, env: Env, reason: RetryReason, wait = 0): Step {
  const steady = state.name === 'online' && env.now - state.since >= STEADY_MS;
  const before = steady ? 0 : state.tries.attempt;
  const jitter = fullJitter(before, env.random);
  const named = Math.max(state.tries.notBefore, wait > 0 ? env.now + wait : 0);
  // This moment was random already.
  const leaveAt = state.name === 'online' && state.link.leaveAt !== NEVER ? state.link.leaveAt : 0;
  const { network, epoch } = state.tries;
  const at = Math.max(env.now + (network ? jitter : OFFLINE_MS), named + jitter, leaveAt);
  const attempt = before + 1;
  const tries = { ...state.tries, epoch: epoch + 1, attempt, notBefore: Math.max(named, leaveAt) };
  return {
    state: {
      name: network ? 'reconnecting' : 'offline',
      attempt,
      at,
      reason: leaveAt > 0 ? 'going-away' : reason,
      tries,
    },
    effects: linked(state) ? [{ type: 'drop' }] : [],
  };
}

function end(state: Connection, reason: CloseReason): Step {
  const effects: Effect[] = linked(state) ? [{ type: 'drop' }] : [];
  return {
    state: { name: 'closed', reason, tries: { ...state.tries, epoch: state.tries.epoch + 1 } },
    effects,
  };
}

function needsAuth(state: Connection): Step {
  const effects: Effect[] = linked(state) ? [{ type: 'drop' }] : [];
  return { state: { name: 'needs-auth', tries: { ...state.tries, epoch: state.tries.epoch + 1 } }, effects };
}

function tokenFailed(
  state: Connection,
  event: Extract<ConnectionEvent, { type: 'token-failed' }>,
  env: Env,
): Step {
  if (event.why === 'ended') return end(state, 'session_ended');
  if (event.why === 'auth') return needsAuth(state);
  return retry(state, env, event.why === 'network' ? 'network' : 'token', (event.retryAfter ?? 0) * 1000);
}

function frameCame(state: Connection, frame: Down, env: Env): Step {
  if (isPhase(state, 'opening')) {
    if (frame.type !== 'welcome') return frame.type === 'error' ? errorCame(state, frame, env) : stay(state);
    const link = {
      heartbeat: frame.heartbeat,
      seen: env.now,
      pinged: env.now,
      proveBy: NEVER,
      leaveAt: NEVER,
    };
    return stay({
      name: 'connecting',
      phase: 'resuming',
      attempt: state.attempt,
      link,
      tries: { ...state.tries, rejected: 0 },
    });
  }
  if (!hasLink(state)) return stay(state);
  const link = { ...state.link, seen: env.now, proveBy: NEVER };
  if (frame.type === 'synced' && state.name === 'connecting')
    return stay({ name: 'online', since: env.now, link, tries: state.tries });
  if (frame.type === 'reconnect')
    return stay({ ...state, link: { ...link, leaveAt: env.now + env.random() * frame.after } });
  if (frame.type === 'error') return errorCame({ ...state, link }, frame, env);
  return stay({ ...state, link });
}

function hasLink(state: Connection): state is Extract<Connection, { link: Link }> {
  return state.name === 'online' || (state.name === 'connecting' && state.phase === 'resuming');
}

/** An error that answers a frame of ours is the outbox's; the others may announce a close, and say how long to wait. */
function errorCame(state: Connection, frame: Extract<Down, { type: 'error' }>, env: Env): Step {
  if (frame.clientId !== undefined || frame.retryAfter === undefined) return stay(state);
  return stay({ ...state, tries: { ...state.tries, notBefore: env.now + frame.retryAfter * 1000 } });
}

function closed(state: Connection, close: CloseInfo, env: Env): Step {
  if (!linked(state)) return stay(state);
  const next = afterClose(close);
  switch (next.do) {
    case 'end':
      return end(state, next.reason);
    case 'fresh-token': {
      if (state.tries.rejected > 0) return needsAuth(state);
      return connect({ ...state.tries, rejected: 1 }, env);
    }
    case 'wait': {
      const refused = isPhase(state, 'opening') ? state.tries.refused + 1 : 0;
      return retry({ ...state, tries: { ...state.tries, refused } }, env, next.reason, next.ms);
    }
  }
}

function linkDeadline(link: Link): number {
  if (link.proveBy !== NEVER) return Math.min(link.proveBy, link.leaveAt);
  const silent = link.seen < link.pinged ? link.seen + 2 * link.heartbeat : NEVER;
  return Math.min(link.pinged + link.heartbeat, silent, link.leaveAt);
}

function tick(state: Connection, env: Env): Step {
  const late = env.now - deadline(state);
  if (late < 0) return stay(state);
  if (waits(state)) return connect(state.tries, env);
  if (state.name === 'connecting' && state.phase !== 'resuming') {
    const opening = state.phase === 'opening';
    const refused = state.tries.refused + (opening ? 1 : 0);
    const reason = opening ? 'network' : 'token';
    const next = retry({ ...state, tries: { ...state.tries, refused } }, env, reason);
    return late > JUMP_MS ? then(next, wake(next.state, env)) : next;
  }
  if (!hasLink(state)) return stay(state);
  const { link } = state;
  if (link.leaveAt <= env.now)
    return comeBack({ ...state, tries: { ...state.tries, attempt: 0 } }, env, 'going-away');
  // Only an unanswered ping proves silence: a laptop that slept has heard nothing for hours on a good line.
  if (late > JUMP_MS) return prove(state, env);
  if (link.proveBy <= env.now) return comeBack(state, env, 'silent');
  if (link.seen < link.pinged && env.now - link.seen >= 2 * link.heartbeat)
    return retry(state, env, 'silent');
  return { state: { ...state, link: { ...link, pinged: env.now } }, effects: [{ type: 'ping' }] };
}

const waits = (state: Connection): state is Extract<Connection, { reason: RetryReason; at: number }> =>
  state.name === 'reconnecting' || state.name === 'offline';

const then = (first: Step, second: Step): Step => ({
  state: second.state,
  effects: [...first.effects, ...second.effects],
});

/** Leaves this connection for a new one, without a wait unless the service asked for one. */
function comeBack(state: Extract<Connection, { link: Link }>, env: Env, reason: RetryReason): Step {
  if (state.tries.notBefore > env.now) return retry(state, env, reason);
  return then({ state, effects: [{ type: 'drop' }] }, connect(state.tries, env));
}

function prove(state: Extract<Connection, { link: Link }>, env: Env): Step {
  return {
    state: { ...state, link: { ...state.link, pinged: env.now, proveBy: env.now + PROVE_MS } },
    effects: [{ type: 'doubt' }, { type: 'ping' }],
  };
}

function wake(state: Connection, env: Env): Step {
  if (hasLink(state)) {
    const { proveBy } = state.link;
    // One at a time; but a deadline that passed in our sleep says nothing.
    return proveBy === NEVER || env.now - proveBy > JUMP_MS ? prove(state, env) : stay(state);
  }
  if (!waits(state)) return stay(state);
  const { notBefore } = state.tries;
  if (notBefore <= env.now) return connect(state.tries, env);
  return stay({ ...state, at: Math.min(state.at, notBefore + fullJitter(0, env.random)) });
}

function network(state: Connection, online: boolean, env: Env): Step {
  const tries = { ...state.tries, network: online };
  // What was reached over one network says nothing about the next.
  if (online && waits(state))
    return wake({ ...state, name: 'reconnecting', tries: { ...tries, attempt: 0 } }, env);
  if (online) return wake({ ...state, tries }, env);
  if (state.name !== 'reconnecting') return stay({ ...state, tries });
  return stay({ ...state, name: 'offline', at: Math.max(state.at, env.now + OFFLINE_MS), tries });
}
