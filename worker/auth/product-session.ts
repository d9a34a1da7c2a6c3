/** Sessions begun with a token of the embedding product: the same token, as long as it lives, is the same device. */
import type { Session, User } from '../../schema/protocol/http-auth.ts';
import { deviceByExchange, forgetExchange } from '../directory/chains.ts';
import { done, type Outcome } from '../outcome.ts';
import { exchangeFamily, exchangeMark, hashSecrets, secretsOf } from './refresh-token.ts';
import { stillWelcome } from './renewal.ts';
import { admit, newDevice, type Place, sessionOf } from './session.ts';

/**
 * Signs `user` in with a token that was found good. Where a device was begun with it and still is, that device is
 * answered, with the newest of its refresh tokens: a page that is loaded ten times is one device. `now` in ms.
 *
 * Nothing is kept for it but the mark in the device's row: a token that ran out is refused before anybody looks.
 */
export async function exchangeSession(
  place: Place,
  user: User,
  token: string,
  name: string | undefined,
  now: number,
): Promise<Outcome<Session>> {
  const { signingKey } = place.settings;
  const again = (): Promise<Outcome<Session | undefined>> => sameAgain(place, token, now);
  const known = await again();
  if (!known.ok) return known;
  if (known.value) return done(known.value);
  const device = newDevice(name);
  const secrets = secretsOf(signingKey, exchangeFamily(signingKey, token, device.id), 0);
  return admit(place, user, { device, secrets, exchange: exchangeMark(signingKey, token) }, now, again);
}

/** The session of the device that was begun with this token; undefined: there is none that can go on. */
async function sameAgain(place: Place, token: string, now: number): Promise<Outcome<Session | undefined>> {
  const { env, settings } = place;
  const { signingKey } = settings;
  const found = await deviceByExchange(env.DB, exchangeMark(signingKey, token));
  if (!found.ok) return found;
  const device = found.value;
  if (!device) return done(undefined);
  const secrets = secretsOf(signingKey, exchangeFamily(signingKey, token, device.id), device.chain.number);
  // Rotated by a version that derives nothing: its token can't be told again.
  if (hashSecrets(secrets).current !== device.chain.current) {
    const forgotten = await forgetExchange(env.DB, device.id);
    return forgotten.ok ? done(undefined) : forgotten;
  }
  const welcome = await stillWelcome(env, device);
  if (welcome.ok) return done(await sessionOf(settings, device.user, device, secrets, now));
  return welcome.code === 'session_ended' ? done(undefined) : welcome;
}
