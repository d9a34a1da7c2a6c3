/** Refresh tokens against new ones, so that a lost answer signs nobody out and a stolen token still shows. */
import { fail } from '../../schema/protocol/errors.ts';
import type { Session } from '../../schema/protocol/http-auth.ts';
import { type ChainedDevice, changeChain, deviceByFamily } from '../directory/chains.ts';
import { removeDevice } from '../directory/devices.ts';
import type { Env } from '../env.ts';
import { done, type Outcome } from '../outcome.ts';
import { requestOf } from '../user-object.ts';
import { hashSecrets, parseRefresh, type RefreshSecrets, secretsOf } from './refresh-token.ts';
import { type Chain, judge, type Use, withAttempt } from './rotation.ts';
import { endSession, type Place, sessionOf } from './session.ts';

/** Each round but the last was lost to somebody who used the same token at the same moment. */
const ROUNDS = 10;

/**
 * A new session for a refresh token. Rotates the current one; the one before it gets the same answer again, for an
 * attempt that was answered at any time, for others within a minute. Any other old token is a copy in wrong hands, or
 * its owner's after a copy was used: nobody can tell, so the device is signed out.
 * Failures: `unauthenticated` (no token of ours), `session_ended`, `overloaded`. `now` in ms.
 */
export async function renewSession(
  place: Place,
  token: string,
  attempt: string | undefined,
  now: number,
): Promise<Outcome<Session>> {
  const { env, settings } = place;
  const secrets = parseRefresh(token);
  if (!secrets) return unknown();
  const presented = hashSecrets(secrets);
  let welcome = false;
  for (let round = 0; round < ROUNDS; round++) {
    const found = await deviceByFamily(env.DB, presented.family);
    if (!found.ok) return found;
    const device = found.value;
    if (!device) return unknown();
    const use = judge(device.chain, presented.current, attempt, now);
    if (use === 'reuses') return endReused(env, device);
    if (!welcome) {
      const refused = await stillWelcome(env, device);
      if (!refused.ok) return refused;
      welcome = true;
    }
    const { chain, next } = renew(settings.signingKey, secrets.family, device.chain, use, attempt, now);
    const session = await sessionOf(settings, device.user, device, next, now);
    if (chain === device.chain) return done(session);
    const changed = await changeChain(env.DB, device.id, device.chain, chain);
    if (!changed.ok) return changed;
    // Else somebody used the same token between our look and our change: look again.
    if (changed.value) return done(session);
  }
  return fail('overloaded', 'this session is being renewed by too many at once: try again', 1);
}

/** The secrets to answer with, and how the chain stands then: the same object when nothing is to be written. */
function renew(
  signingKey: Uint8Array,
  family: string,
  chain: Chain,
  use: Exclude<Use, 'reuses'>,
  attempt: string | undefined,
  now: number,
): { readonly chain: Chain; readonly next: RefreshSecrets } {
  const successor = secretsOf(signingKey, family, chain.number + 1);
  const moved = { number: chain.number + 1, ...both(hashSecrets(successor).current) };
  if (use === 'rotates') {
    const attempts = withAttempt([], attempt);
    return { next: successor, chain: { ...moved, preceding: chain.current, attempts, refreshedAt: now } };
  }
  const attempts = use === 'joins' ? withAttempt(chain.attempts, attempt) : chain.attempts;
  const present = secretsOf(signingKey, family, chain.number);
  // The signing key was replaced since, so the answer can't be given again: its token gives way to one of the new key.
  if (hashSecrets(present).current !== chain.current)
    return { next: successor, chain: { ...chain, ...moved, attempts } };
  return { next: present, chain: attempts === chain.attempts ? chain : { ...chain, attempts } };
}

const both = (current: string): Pick<Chain, 'current' | 'rotated'> => ({ current, rotated: current });

/** A log-out may have reached the object and not D1: the object knows best, and the rest is caught up on here. */
export async function stillWelcome(env: Env, { id, user }: ChainedDevice): Promise<Outcome<void>> {
  const welcome = await requestOf(env, user.id, id, { op: 'check' });
  if (welcome.ok) return done(undefined);
  if (welcome.code === 'session_ended') await removeDevice(env.DB, user.id, id);
  return welcome;
}

async function endReused(env: Env, { id, user }: ChainedDevice): Promise<Outcome<never>> {
  const ended = await endSession(env, user.id, id);
  return ended.ok
    ? fail('session_ended', 'this refresh token was used before, so its session was ended: log in again')
    : ended;
}

const unknown = (): Outcome<never> => fail('unauthenticated', 'the refresh token is not known: log in again');
