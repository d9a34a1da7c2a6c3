import { type Failure, fail } from '../../schema/protocol/errors.ts';
import type { Session, User } from '../../schema/protocol/http-auth.ts';
import type { Clock } from '../clock.ts';
import { type Random, randomId } from './random.ts';

/** Life of an access token. */
const TOKEN_MS = 15 * 60_000;

export interface Device {
  readonly id: string;
  readonly user: string;
  readonly name: string;
  readonly createdAt: number;
  refreshedAt: number;
  /** The refresh token that is good now is `<family>.<current>`. */
  readonly family: string;
  current: string;
}

export interface Caller {
  readonly user: string;
  readonly device: string;
}

interface Person {
  user: User;
  readonly password: string | undefined;
  hidesLastSeen: boolean;
}

export type Outcome<T> = { readonly ok: true; readonly value: T } | Failure;
const done = <T>(value: T): Outcome<T> => ({ ok: true, value });

/** Users, their devices and the tokens of these. */
export class Accounts {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #most: number;
  readonly #people = new Map<string, Person>();
  readonly #byHandle = new Map<string, string>();
  readonly #devices = new Map<string, Device>();
  readonly #removed = new Set<string>();
  readonly #tokens = new Map<string, Caller & { expiresAt: number }>();

  /** @param most devices of a user. */
  constructor(clock: Clock, random: Random, most: number) {
    this.#clock = clock;
    this.#random = random;
    this.#most = most;
  }

  // ---- users ----

  /** `conflict`: the handle is taken. */
  add(handle: string, name: string | undefined, password: string | undefined): Outcome<User> {
    if (this.#byHandle.has(handle)) return fail('conflict', `handle: ${handle} is taken`);
    const user = { id: `u_${randomId(this.#random)}`, handle, name: name ?? handle };
    this.#people.set(user.id, { user, password, hidesLastSeen: false });
    this.#byHandle.set(handle, user.id);
    return done(user);
  }

  user(id: string): User | undefined {
    return this.#people.get(id)?.user;
  }

  byHandle(handle: string): User | undefined {
    return this.user(this.#byHandle.get(handle) ?? '');
  }

  /** The ids behind user ids and `@handle`s, each once; `not_found` names the first nobody has. */
  resolve(refs: readonly string[]): Outcome<string[]> {
    const ids = new Set<string>();
    for (const ref of refs) {
      const user = ref.startsWith('@') ? this.byHandle(ref.slice(1)) : this.user(ref);
      if (!user) return fail('not_found', `nobody is called ${ref}`);
      ids.add(user.id);
    }
    return done([...ids]);
  }

  change(id: string, fields: Partial<Omit<User, 'id' | 'handle'>>, lastSeen?: string): User | undefined {
    const person = this.#people.get(id);
    if (!person) return undefined;
    person.user = { ...person.user, ...fields };
    if (lastSeen !== undefined) person.hidesLastSeen = lastSeen === 'nobody';
    return person.user;
  }

  hidesLastSeen(id: string): boolean {
    return this.#people.get(id)?.hidesLastSeen ?? false;
  }

  checkPassword(handle: string, password: string): Outcome<User> {
    const person = this.#people.get(this.#byHandle.get(handle) ?? '');
    return person?.password === password
      ? done(person.user)
      : fail('unauthenticated', 'the handle or the password is wrong');
  }

  // ---- devices ----

  devices(user: string): Device[] {
    return [...this.#devices.values()].filter((device) => device.user === user);
  }

  addDevice(user: string, name: string | undefined): Outcome<Device> {
    if (this.devices(user).length >= this.#most)
      return fail('conflict', `at most ${this.#most} devices: remove one on another device first`);
    const now = Math.floor(this.#clock.now());
    const device = {
      id: `d_${randomId(this.#random)}`,
      user,
      name: name ?? 'unnamed device',
      createdAt: now,
      refreshedAt: now,
      family: randomId(this.#random, 24),
      current: randomId(this.#random, 43),
    };
    this.#devices.set(device.id, device);
    return done(device);
  }

  /** Its session ends. Removing what is gone is no mistake. */
  removeDevice(id: string): void {
    this.#devices.delete(id);
    this.#removed.add(id);
  }

  // ---- tokens ----

  session(device: Device): Session {
    const { id, name, user } = device;
    const accessToken = this.accessToken(device);
    return {
      user: this.user(user) as User,
      device: { id, name },
      accessToken,
      expiresAt: this.#tokens.get(accessToken)?.expiresAt ?? 0,
      refreshToken: `${device.family}.${device.current}`,
    };
  }

  accessToken({ id, user }: Device): string {
    const token = `${user}.${id}.${randomId(this.#random, 12)}`;
    this.#tokens.set(token, { user, device: id, expiresAt: Math.floor(this.#clock.now()) + TOKEN_MS });
    return token;
  }

  /** The device a refresh token belongs or belonged to. */
  deviceOf(token: string): Device | undefined {
    const [family] = token.split('.');
    return [...this.#devices.values()].find((device) => device.family === family);
  }

  /** Rotates the refresh token. `session_ended`: it was used before, so its session has to end. */
  refresh(token: string): Outcome<Device> {
    const device = this.deviceOf(token);
    if (!device) return fail('unauthenticated', 'the refresh token is not known: log in again');
    if (token !== `${device.family}.${device.current}`)
      return fail(
        'session_ended',
        'this refresh token was used before, so its session was ended: log in again',
      );
    device.current = randomId(this.#random, 43);
    device.refreshedAt = Math.floor(this.#clock.now());
    return done(device);
  }

  /** Who a token speaks for. */
  caller(token: string | undefined): Outcome<Caller> {
    if (token === undefined || token === '')
      return fail('unauthenticated', 'send Authorization: Bearer <accessToken>');
    const known = this.#tokens.get(token);
    if (!known) return fail('unauthenticated', 'the access token is not valid');
    if (known.expiresAt <= this.#clock.now())
      return fail('unauthenticated', 'the access token has expired: refresh it');
    if (this.#removed.has(known.device))
      return fail('session_ended', 'this device was signed out; sign in again');
    return done({ user: known.user, device: known.device });
  }

  /** Whether the token would be taken now. */
  isGood(token: string): boolean {
    return this.caller(token).ok;
  }

  expire(token: string): void {
    const known = this.#tokens.get(token);
    if (known) known.expiresAt = Math.floor(this.#clock.now());
  }

  /** Every token given out so far, of a user or of everybody. */
  expireAll(user: string | undefined): void {
    for (const [token, known] of this.#tokens)
      if (user === undefined || known.user === user) this.expire(token);
  }
}
