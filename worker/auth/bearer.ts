import { type Failure, fail } from '../../schema/protocol/errors.ts';
import { done, type Outcome } from '../outcome.ts';

/** The sub-protocol this service speaks, and the prefix under which browsers bring their token to an upgrade. */
export const PROTOCOL = 'parley.v1';
const TOKEN_PREFIX = 'parley.bearer.';

/** Longer ones are none of ours; looked at before anything is computed. */
const MAX_TOKEN = 4096;

const missing = (): Failure => fail('unauthenticated', 'send Authorization: Bearer <accessToken>');

/** The access token of `Authorization: Bearer`. */
export function bearerToken(headers: Headers): Outcome<string> {
  const match = /^Bearer +([A-Za-z0-9._~+/=-]+) *$/i.exec(headers.get('authorization') ?? '');
  const token = match?.[1];
  return token === undefined || token.length > MAX_TOKEN ? missing() : done(token);
}

export interface Handshake {
  readonly token: string;
  /** The sub-protocol to answer with; undefined when the client offered none. */
  readonly protocol: string | undefined;
}

/**
 * What an upgrade brings: its token, from the sub-protocols or the Authorization header, and the version it speaks.
 * Failures: `bad_request` (no upgrade), `unsupported_version` (offers sub-protocols, none of ours), `unauthenticated`.
 */
export function handshakeOf(headers: Headers): Outcome<Handshake> {
  if (headers.get('upgrade')?.toLowerCase() !== 'websocket') {
    return fail('bad_request', 'Upgrade: must be websocket');
  }
  const offered = (headers.get('sec-websocket-protocol') ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (offered.length > 0 && !offered.includes(PROTOCOL)) {
    return fail('unsupported_version', `Sec-WebSocket-Protocol: must include ${PROTOCOL}`);
  }
  const protocol = offered.length > 0 ? PROTOCOL : undefined;
  const brought = offered.find((name) => name.startsWith(TOKEN_PREFIX))?.slice(TOKEN_PREFIX.length);
  if (brought !== undefined)
    return brought.length > MAX_TOKEN ? missing() : done({ token: brought, protocol });
  const token = bearerToken(headers);
  return token.ok ? done({ token: token.value, protocol }) : token;
}
