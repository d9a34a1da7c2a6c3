/** The life of a device's session: begun by a log-in, ended once and everywhere. `renewal.ts` is what lies between. */
import { fail } from '../../schema/protocol/errors.ts';
import type { Session, User } from '../../schema/protocol/http-auth.ts';
import { addDevice, devicesBeyond, removeDevice } from '../directory/devices.ts';
import type { Env } from '../env.ts';
import { done, type Outcome } from '../outcome.ts';
import { newDeviceId } from '../random.ts';
import type { Settings } from '../settings.ts';
import { callUser } from '../user-object.ts';
import { signAccess } from './access-token.ts';
import { formatRefresh, hashSecrets, newFamily, type RefreshSecrets, secretsOf } from './refresh-token.ts';

export interface Place {
  readonly env: Env;
  readonly settings: Settings;
}

export interface NamedDevice {
  readonly id: string;
  readonly name: string;
}

/** So many log-ins of one user at the same moment each get a device; the rest shall come again. */
const ROUNDS = 20;

/**
 * Signs `user` in on a new device. Where they have as many as the limit allows, the one unused longest is signed out,
 * and the answer names it. `now` in ms.
 */
export function beginSession(
  place: Place,
  user: User,
  name: string | undefined,
  now: number,
): Promise<Outcome<Session>> {
  const device = newDevice(name);
  const secrets = secretsOf(place.settings.signingKey, newFamily(), 0);
  return admit(place, user, { device, secrets, exchange: undefined }, now, async () => done(undefined));
}

export const newDevice = (name: string | undefined): NamedDevice => ({
  id: newDeviceId(),
  name: name ?? 'unnamed device',
});

export interface Newcomer {
  readonly device: NamedDevice;
  readonly secrets: RefreshSecrets;
  /** The mark of the product's token it comes with. */
  readonly exchange: string | undefined;
}

/**
 * Makes room and adds the device. `instead` is asked before anybody is signed out: a session it gives is the answer,
 * and no device is added.
 */
export async function admit(
  { env, settings }: Place,
  user: User,
  { device, secrets, exchange }: Newcomer,
  now: number,
  instead: () => Promise<Outcome<Session | undefined>>,
): Promise<Outcome<Session>> {
  const most = settings.limits.devices;
  const session = await sessionOf(settings, user, device, secrets, now);
  const row = { ...device, ...hashSecrets(secrets), userId: user.id, exchange, createdAt: now };
  const ended: NamedDevice[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const added = await addDevice(env.DB, row, most);
    if (!added.ok) return added;
    if (added.value) return done(ended.length === 0 ? session : { ...session, ended });
    const other = await instead();
    if (!other.ok) return other;
    if (other.value) return done(other.value);
    const gone = await makeRoom(env, user.id, most);
    if (!gone.ok) return gone;
    ended.push(...gone.value);
  }
  return fail('overloaded', 'too many log-ins of this user at the moment: try again', 1);
}

/** Signs out what leaves no room for another device. What another log-in signs out at the same moment is its to tell. */
async function makeRoom(env: Env, user: string, most: number): Promise<Outcome<readonly NamedDevice[]>> {
  const beyond = await devicesBeyond(env.DB, user, most);
  if (!beyond.ok) return beyond;
  const ended: NamedDevice[] = [];
  for (const one of beyond.value) {
    const gone = await endSession(env, user, one.id);
    if (!gone.ok) return gone;
    if (gone.value) ended.push(one);
  }
  return done(ended);
}

/**
 * Ends a device's session: its sockets close, its tokens are refused, and nothing can be refreshed. The object comes
 * first: it is what lets a device read, and while D1 still knows the device, this can be asked for again. False: D1 did
 * not know it any more.
 */
export async function endSession(
  env: Pick<Env, 'DB' | 'USERS'>,
  user: string,
  device: string,
): Promise<Outcome<boolean>> {
  const closed = await callUser(env, user, (object) => object.removeDevice(user, device));
  return closed.ok ? removeDevice(env.DB, user, device) : closed;
}

export async function sessionOf(
  settings: Settings,
  user: User,
  { id, name }: NamedDevice,
  secrets: RefreshSecrets,
  now: number,
): Promise<Session> {
  const access = await signAccess(settings.signingKey, { user: user.id, device: id }, now);
  return { user, device: { id, name }, ...access, refreshToken: formatRefresh(secrets) };
}
