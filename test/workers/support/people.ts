/** People who are signed in, made without a password: its hash alone would take longer than most tests. */
import { env } from 'cloudflare:workers';
import { signAccess } from '../../../worker/auth/access-token.ts';
import { beginSession } from '../../../worker/auth/session.ts';
import { createWithIdentity } from '../../../worker/directory/accounts.ts';
import { newDeviceId, newUserId } from '../../../worker/random.ts';
import { settingsOf } from '../../../worker/settings.ts';
import { newHandle } from '../identity/support.ts';

/** A user on one device. */
export interface Person {
  readonly id: string;
  readonly handle: string;
  readonly device: string;
  readonly token: string;
}

/** A new user with a first device. */
export async function person(): Promise<Person> {
  const id = newUserId();
  const handle = newHandle();
  const user = { id, handle, name: handle, createdAt: Date.now() };
  const made = await createWithIdentity(env.DB, user, 'test', id);
  if (!made.ok || !made.value) throw new Error(`no user: ${JSON.stringify(made)}`);
  return secondDevice({ id, handle });
}

/** `count` new users. */
export const people = (count: number): Promise<Person[]> =>
  Promise.all(Array.from({ length: count }, () => person()));

export const two = (): Promise<[Person, Person]> => Promise.all([person(), person()]);
export const three = (): Promise<[Person, Person, Person]> => Promise.all([person(), person(), person()]);

/** The same user on a device that D1 knows, so that it can be listed and removed. */
export async function secondDevice({ id, handle }: Pick<Person, 'id' | 'handle'>): Promise<Person> {
  const place = { env, settings: settingsOf(env) };
  const session = await beginSession(place, { id, handle, name: handle }, 'test', Date.now());
  if (!session.ok) throw new Error(session.detail);
  return { id, handle, device: session.value.device.id, token: session.value.accessToken };
}

/** The same user on a device D1 knows nothing of, which costs nothing and has no limit. */
export async function quickDevice({ id, handle }: Pick<Person, 'id' | 'handle'>): Promise<Person> {
  const device = newDeviceId();
  const { accessToken } = await signAccess(settingsOf(env).signingKey, { user: id, device }, Date.now());
  return { id, handle, device, token: accessToken };
}
