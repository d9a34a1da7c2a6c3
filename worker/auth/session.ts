/** The life of a device's session: begun by a log-in, renewed by a refresh, ended once and everywhere. */
import { fail } from '../../schema/protocol/errors.ts';
import type { Session, User } from '../../schema/protocol/http-auth.ts';
import {
  addDevice,
  deviceByFamily,
  type RefreshableDevice,
  removeDevice,
  rotate,
} from '../directory/devices.ts';
import type { Env } from '../env.ts';
import { done, type Outcome } from '../outcome.ts';
import { newDeviceId } from '../random.ts';
import type { Settings } from '../settings.ts';
import { callUser, requestOf } from '../user-object.ts';
import { signAccess } from './access-token.ts';
import {
  firstSecrets,
  formatRefresh,
  hashSecrets,
  nextSecrets,
  parseRefresh,
  type RefreshSecrets,
} from './refresh-token.ts';

interface Place {
  readonly env: Env;
  readonly settings: Settings;
}

/** Signs `user` in on a new device. `conflict` when they have as many as the limit allows. `now` in ms. */
export async function beginSession(
  { env, settings }: Place,
  user: User,
  name: string | undefined,
  now: number,
): Promise<Outcome<Session>> {
  const device = { id: newDeviceId(), name: name ?? 'unnamed device' };
  const secrets = firstSecrets();
  const most = settings.limits.devices;
  const session = await sessionOf(settings, user, device, secrets, now);
  const added = await addDevice(
    env.DB,
    { ...device, ...hashSecrets(secrets), userId: user.id, createdAt: now },
    most,
  );
  if (!added.ok) return added;
  if (!added.value) return fail('conflict', `at most ${most} devices: remove one on another device first`);
  return done(session);
}

/**
 * A new session for a refresh token, which is good once. A token that was good before is a copy in wrong hands, or its
 * owner's after a copy was used: nobody can tell, so the device is signed out.
 * Failures: `unauthenticated` (no token of ours), `session_ended`. `now` in ms.
 */
export async function renewSession(place: Place, token: string, now: number): Promise<Outcome<Session>> {
  const { env, settings } = place;
  const secrets = parseRefresh(token);
  const hashes = secrets && hashSecrets(secrets);
  const found = hashes ? await deviceByFamily(env.DB, hashes.family) : done(undefined);
  if (!found.ok) return found;
  const device = found.value;
  if (!secrets || !hashes || !device)
    return fail('unauthenticated', 'the refresh token is not known: log in again');
  if (device.current !== hashes.current) return endReused(env, device);

  // A log-out may have reached the object and not D1: the object knows best, and the rest is caught up on here.
  const welcome = await requestOf(env, device.user.id, device.id, { op: 'check' });
  if (!welcome.ok) {
    if (welcome.code === 'session_ended') await removeDevice(env.DB, device.user.id, device.id);
    return welcome;
  }
  const next = nextSecrets(secrets);
  const session = await sessionOf(settings, device.user, device, next, now);
  const rotated = await rotate(env.DB, device.id, hashes.current, hashSecrets(next).current, now);
  if (!rotated.ok) return rotated;
  // Somebody else used the same token between our look and our change.
  if (!rotated.value) return endReused(env, device);
  return done(session);
}

/**
 * Ends a device's session: its sockets close, its tokens are refused, and nothing can be refreshed. The object comes
 * first: it is what lets a device read, and while D1 still knows the device, this can be asked for again.
 */
export async function endSession(
  env: Pick<Env, 'DB' | 'USERS'>,
  user: string,
  device: string,
): Promise<Outcome<void>> {
  const closed = await callUser(env, user, (object) => object.removeDevice(user, device));
  return closed.ok ? removeDevice(env.DB, user, device) : closed;
}

async function endReused(env: Env, device: RefreshableDevice): Promise<Outcome<never>> {
  const ended = await endSession(env, device.user.id, device.id);
  return ended.ok
    ? fail('session_ended', 'this refresh token was used before, so its session was ended: log in again')
    : ended;
}

async function sessionOf(
  settings: Settings,
  user: User,
  { id, name }: { readonly id: string; readonly name: string },
  secrets: RefreshSecrets,
  now: number,
): Promise<Session> {
  const access = await signAccess(settings.signingKey, { user: user.id, device: id }, now);
  return { user, device: { id, name }, ...access, refreshToken: formatRefresh(secrets) };
}
