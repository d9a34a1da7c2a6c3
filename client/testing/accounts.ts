import { type Failure, fail } from '../../schema/protocol/errors.ts';
import type { Session, User } from '../../schema/protocol/http-auth.ts';
import type { Clock } from '../clock.ts';
import { type Random, randomId } from './random.ts';

/** Life of an access token. */
const TOKEN_MS = 15 * 60_000;
/** So long after a rotation the refresh token before it gets the same answer, whoever asks. */
const GRACE_MS = 60_000;

export interface Device {
  readonly id: string;
  readonly user: string;
  readonly name: string;
  readonly createdAt: number;
  refreshedAt: number;
  /** The refresh token that is good now is `<family>.<current>`. */
  readonly family: string;
  current: string;
  /** What `current` was before. */
  preceding: string | undefined;
  /** The attempts that were answered with `current`. */
  attempts: readonly string[];
  /** The product's token it was begun with. */
  readonly exchanged: string | undefined;
}

/** Somebody as the embedding product knows them. */
export interface ProductUser {
  /** The user's id in the product. */
  readonly subject: string;
  readonly name?: string;
  readonly handle?: string;
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

interface Added {
  readonly device: Device;
  readonly ended: readonly Device[];
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
  readonly #bySubject = new Map<string, string>();
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

  /** A new device. Those that have no place beside it, the longest unused, are for the caller to end. */
  addDevice(user: string, name: string | undefined, exchanged?: string): Added {
    const now = Math.floor(this.#clock.now());
    const device = {
      id: `d_${randomId(this.#random)}`,
      user,
      name: name ?? 'unnamed device',
      createdAt: now,
      refreshedAt: now,
      family: randomId(this.#random, 24),
      current: randomId(this.#random, 43),
      preceding: undefined,
      attempts: [],
      exchanged,
    };
    const byUse = this.devices(user).sort((a, b) => a.refreshedAt - b.refreshedAt);
    const ended = byUse.slice(0, Math.max(0, byUse.length + 1 - this.#most));
    this.#devices.set(device.id, device);
    return { device, ended };
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

  /** Rotates the refresh token, or answers again. `session_ended`: it is an old one, so its session has to end. */
  refresh(token: string, attempt: string | undefined): Outcome<Device> {
    const device = this.deviceOf(token);
    if (!device) return fail('unauthenticated', 'the refresh token is not known: log in again');
    const now = Math.floor(this.#clock.now());
    const [, presented] = token.split('.');
    if (presented === device.current) {
      device.preceding = presented;
      device.attempts = attempt === undefined ? [] : [attempt];
      device.current = randomId(this.#random, 43);
      device.refreshedAt = now;
      return done(device);
    }
    const answered = attempt !== undefined && device.attempts.includes(attempt);
    if (presented !== device.preceding || (!answered && now - device.refreshedAt > GRACE_MS))
      return fail(
        'session_ended',
        'this refresh token was used before, so its session was ended: log in again',
      );
    if (attempt !== undefined && !answered) device.attempts = [...device.attempts, attempt].slice(0, 8);
    return done(device);
  }

  // ---- people of a product ----

  /** The device that was begun with this token of the product, if its session goes on. */
  exchanged(token: string): Device | undefined {
    return [...this.#devices.values()].find(({ exchanged }) => exchanged === token);
  }

  /** The user this is here, made at first sight. */
  ofProduct({ subject, name, handle }: ProductUser): User {
    const known = this.user(this.#bySubject.get(subject) ?? '');
    if (known) return known;
    const free = handle !== undefined && this.byHandle(handle) === undefined;
    const made = this.add(free ? handle : `user_${randomId(this.#random, 20)}`, name, undefined);
    if (!made.ok) throw new Error(made.detail);
    this.#bySubject.set(subject, made.value.id);
    return made.value;
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
