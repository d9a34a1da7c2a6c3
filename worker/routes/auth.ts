import { fail } from '../../schema/protocol/errors.ts';
import {
  exchangeBody,
  loginBody,
  refreshBody,
  registerBody,
  type User,
} from '../../schema/protocol/http-auth.ts';
import { type Answer, json, noContent } from '../answer.ts';
import { type Stranger, verifyForeign } from '../auth/exchange.ts';
import { failedRefreshes, originOf } from '../auth/failed-refreshes.ts';
import { handleCandidates } from '../auth/handles.ts';
import { Pace } from '../auth/pace.ts';
import { checkPassword, hashPassword } from '../auth/password.ts';
import { exchangeSession } from '../auth/product-session.ts';
import { renewSession } from '../auth/renewal.ts';
import { beginSession, endSession } from '../auth/session.ts';
import { readBody } from '../body.ts';
import type { Call, Handler, SignedCall } from '../call.ts';
import {
  accountByHandle,
  createWithIdentity,
  createWithPassword,
  userByIdentity,
} from '../directory/accounts.ts';
import { userByHandle } from '../directory/users.ts';
import { done, type Outcome } from '../outcome.ts';
import { newUserId, randomText } from '../random.ts';

const hashing = new Pace();

/**
 * That a handle is taken is no secret (`GET /users?handle=` tells it), so this looks first and spares the hash; the
 * insert decides when two register it at the same moment.
 */
export const register: Handler = async (call) => {
  const body = await readBody(call.request, registerBody, call.settings.limits.frameBytes);
  if (!body.ok) return body;
  const { handle, password, name, device } = body.value;
  const taken = fail('conflict', `handle: ${handle} is taken`);
  const holder = await userByHandle(call.env.DB, handle);
  if (!holder.ok) return holder;
  if (holder.value) return taken;
  const user = { id: newUserId(), handle, name: name ?? handle };
  const hash = await hashing.run(() => hashPassword(password));
  if (!hash.ok) return hash;
  const created = await createWithPassword(call.env.DB, { ...user, createdAt: Date.now() }, hash.value);
  if (!created.ok) return created;
  return created.value ? begin(call, user, device?.name, 201) : taken;
};

/** An unknown handle costs and answers the same as a wrong password, and so does one that has none. */
export const login: Handler = async (call) => {
  const body = await readBody(call.request, loginBody, call.settings.limits.frameBytes);
  if (!body.ok) return body;
  const account = await accountByHandle(call.env.DB, body.value.handle);
  if (!account.ok) return account;
  const right = await hashing.run(() => checkPassword(body.value.password, account.value?.password));
  if (!right.ok) return right;
  if (!right.value || !account.value) return fail('unauthenticated', 'the handle or the password is wrong');
  return begin(call, account.value.user, body.value.device?.name);
};

/** Counts what fails alone (`failed-refreshes.ts`): nobody's refresh stands in the way of their neighbour's. */
export const refresh: Handler = async (call) => {
  const { signingKey, limits } = call.settings;
  const body = await readBody(call.request, refreshBody, limits.frameBytes);
  if (!body.ok) return body;
  const { refreshToken, attempt } = body.value;
  const origin = originOf(signingKey, refreshToken, call.request.headers);
  const refused = failedRefreshes.look(origin, limits.authRate, Date.now());
  if (refused) return refused;
  const session = await renewSession(call, refreshToken, attempt, Date.now());
  if (session.ok) return json(200, session.value);
  if (session.code === 'unauthenticated' || session.code === 'session_ended')
    failedRefreshes.take(origin, limits.authRate, Date.now());
  return session;
};

export const exchange: Handler = async (call) => {
  const body = await readBody(call.request, exchangeBody, call.settings.limits.frameBytes);
  if (!body.ok) return body;
  const { exchange: issuer } = call.settings;
  if (!issuer) return fail('not_found', 'this deployment takes no tokens of another product');
  const { token, device } = body.value;
  const stranger = await verifyForeign(issuer, token, Date.now());
  if (!stranger.ok) return stranger;
  const user = await userOf(call, stranger.value);
  if (!user.ok) return user;
  const session = await exchangeSession(call, user.value, token, device?.name, Date.now());
  return session.ok ? json(200, session.value) : session;
};

/** Asks no UserObject first, so that a log-out that got half-way can be repeated. */
export const logout: Handler<SignedCall> = async ({ env, user, device }) => {
  const ended = await endSession(env, user, device);
  return ended.ok ? noContent() : ended;
};

async function begin(call: Call, user: User, deviceName: string | undefined, status = 200): Promise<Answer> {
  const session = await beginSession(call, user, deviceName, Date.now());
  return session.ok ? json(status, session.value) : session;
}

/** The user an embedding product's user is here, made at first sight. */
async function userOf(call: Call, stranger: Stranger): Promise<Outcome<User>> {
  const { issuer, subject, name, handle: wanted } = stranger;
  const known = await userByIdentity(call.env.DB, issuer, subject);
  if (!known.ok) return known;
  if (known.value) return done(known.value);
  for (const handle of handleCandidates(wanted, name, randomDigits)) {
    const user = { id: newUserId(), handle, name: name ?? handle, createdAt: Date.now() };
    const made = await createWithIdentity(call.env.DB, user, issuer, subject);
    if (!made.ok) return made;
    if (made.value) return done(made.value);
  }
  throw new Error('no handle is free, not even a random one');
}

/** Lower-case letters and digits, from more random bytes than are needed, because some characters fall out. */
const randomDigits = (length: number): string =>
  randomText(length * 4)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .slice(0, length);
