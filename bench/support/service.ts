import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Session } from '../../schema/protocol/http-auth.ts';
import type { Conversation } from '../../schema/protocol/http-conversations.ts';
import { serve } from '../../scripts/serve.mjs';
import { createIssuer, type Issuer } from './issuer.ts';
import { inParallel } from './parallel.ts';

/** Limits that are never met: measurements are about the service, not about its manners. */
const NO_LIMITS = {
  sendRate: 1e6,
  sendBurst: 1e6,
  frameRate: 1e6,
  frameBurst: 1e6,
  authRate: 1e6,
  devices: 1000,
};
/** Log-ins and conversations made at the same time. */
const PARALLEL = 8;

export interface Service {
  readonly url: string;
  readonly issuer: Issuer | undefined;
  close(): Promise<void>;
}

/** A folder that is gone when the measurement is over. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** The production build in workerd on a fresh folder, or on `data`, which then stays. */
export async function startService(data?: string): Promise<Service & { readonly issuer: Issuer }> {
  const issuer = createIssuer();
  const folder = data === undefined ? temporaryFolder() : undefined;
  const variables = { ...issuer.variables, PARLEY_LIMITS: JSON.stringify(NO_LIMITS) };
  const server = await serve({ port: 0, data: data ?? folder?.path ?? '', variables });
  return {
    url: server.url,
    issuer,
    close: async () => {
      await server.close();
      folder?.remove();
    },
  };
}

/** One request to the API. Anything but success is an exception: nothing can be measured then. */
export async function api<T>(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  token?: string,
): Promise<T> {
  const response = await fetch(`${url}/v1${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

/** Signs people in, each with one device. */
export function signIn(
  { url, issuer }: { readonly url: string; readonly issuer: Issuer },
  names: readonly string[],
): Promise<Session[]> {
  return inParallel(PARALLEL, names, async (name) => {
    const token = await issuer.token(name);
    return api<Session>(url, 'POST', '/auth/exchange', { token, device: { name: 'bench' } });
  });
}

/** Makes a conversation of the creator (the first) and the others. @returns its id. */
export async function converse(
  url: string,
  kind: Conversation['kind'],
  members: readonly Session[],
  title?: string,
): Promise<string> {
  const [creator, ...others] = members;
  if (!creator) throw new Error('a conversation needs somebody');
  const body = { kind, members: others.map((m) => m.user.id), ...(title === undefined ? {} : { title }) };
  const made = await api<Conversation>(url, 'POST', '/conversations', body, creator.accessToken);
  return made.id;
}

export function directs(url: string, pairs: readonly (readonly [Session, Session])[]): Promise<string[]> {
  return inParallel(PARALLEL, pairs, (pair) => converse(url, 'direct', pair));
}
