// `npm run protocol:hash` prints the hash of the wire contract as it is now, for schema/protocol/version.ts.
import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import type { JsonSchema } from '../schema/protocol/check.ts';
import * as constants from '../schema/protocol/constants.ts';
import { DOWN } from '../schema/protocol/down.ts';
import { ERRORS } from '../schema/protocol/errors.ts';
import { ROUTES } from '../schema/protocol/http.ts';
import { errorsOf } from '../schema/protocol/http-route.ts';
import { DEFAULT_LIMITS } from '../schema/protocol/limits.ts';
import { UP } from '../schema/protocol/up.ts';
import { PROTOCOL_HISTORY, PROTOCOL_VERSION } from '../schema/protocol/version.ts';

/** 16 hexadecimal digits of everything a client can depend on; wording and the order of fields don't count. */
export function protocolHash(): string {
  const contract = {
    up: jsonOf(UP),
    down: jsonOf(DOWN),
    routes: ROUTES.map((route) => ({
      method: route.method,
      path: route.path,
      open: route.open ?? false,
      query: route.query && plain(route.query.json),
      body: route.body && plain(route.body.json),
      bodyOptional: route.bodyOptional ?? false,
      parameters: plain(route.parameters ?? {}),
      answers: Object.entries(route.answers).map(([status, { body }]) => [status, body && plain(body.json)]),
      errors: errorsOf(route),
    })),
    errors: Object.entries(ERRORS).map(([code, { status, close, retry }]) => [code, status, close, retry]),
    limits: DEFAULT_LIMITS,
    constants: { ...constants },
  };
  return createHash('sha256')
    .update(JSON.stringify(sorted(contract)))
    .digest('hex')
    .slice(0, 16);
}

/** What to do when the newest entry of the history has another hash. */
export const howToRecord = (hash: string): string =>
  [
    `The wire contract changed: its hash is now ${hash}.`,
    'In schema/protocol/version.ts:',
    `- if the newest entry of PROTOCOL_HISTORY was not released yet, put this hash into it;`,
    `- else add { version: ${PROTOCOL_VERSION}, hash: '${hash}', what: '<what was added>' }.`,
    'A change that takes something away or gives it another meaning needs a new PROTOCOL_VERSION; adding does not.',
    'docs/protocol.md must tell of it too.',
  ].join('\n');

const jsonOf = (frames: { readonly [type: string]: { readonly json: JsonSchema } }): object =>
  Object.fromEntries(Object.entries(frames).map(([type, { json }]) => [type, plain(json)]));

/** A schema without descriptions. Keys of `properties` are names of fields, one of which may be `description`. */
function plain(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(plain);
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(
    Object.entries(json)
      .filter(([key]) => key !== 'description')
      .map(([key, value]) => [key, key === 'properties' ? fields(value) : plain(value)]),
  );
}

const fields = (properties: object): object =>
  Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, plain(value)]));

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const hash = protocolHash();
  console.log(PROTOCOL_HISTORY.at(-1)?.hash === hash ? `${hash}, as recorded` : howToRecord(hash));
}
