/**
 * Whose failed refreshes count together. What is no token of ours counts by its address; one that this deployment gave
 * out proves that by itself (`isOwn`) and counts with its family alone. So a flood of made-up tokens is refused without
 * a look at the database, and takes nothing from people at the same address. Only a token of an earlier signing key, or
 * of a version that proved nothing, can be kept waiting by neighbours, until its first refresh.
 */
import { AddressLimit, addressOf } from './address-limit.ts';
import { isOwn, parseRefresh } from './refresh-token.ts';

export const failedRefreshes = new AddressLimit(10_000, 'refreshes that failed');

/** The name under which a failure of `token` is counted. */
export function originOf(signingKey: Uint8Array, token: string, headers: Headers): string {
  const secrets = parseRefresh(token);
  return secrets && isOwn(signingKey, secrets) ? `family ${secrets.family}` : `address ${addressOf(headers)}`;
}
