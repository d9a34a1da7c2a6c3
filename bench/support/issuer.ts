import { generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';

/** A product that embeds the service, for measurements: its people come by `/auth/exchange`, which hashes no password. */
const ISSUER = 'https://bench.invalid';
const AUDIENCE = 'parley-bench';
const KEY_ID = 'bench';

export interface Issuer {
  /** What the service must be told to trust it. */
  readonly variables: Readonly<Record<string, string>>;
  /** A token about `subject`, good for an hour. */
  token(subject: string, handle?: string): Promise<string>;
}

export function createIssuer(): Issuer {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: KEY_ID, alg: 'ES256', use: 'sig' };
  return {
    variables: {
      PARLEY_EXCHANGE_JWKS: JSON.stringify({ keys: [jwk] }),
      PARLEY_EXCHANGE_ISSUER: ISSUER,
      PARLEY_EXCHANGE_AUDIENCE: AUDIENCE,
    },
    token: (subject, handle) =>
      new SignJWT({ name: subject, ...(handle === undefined ? {} : { handle }) })
        .setProtectedHeader({ alg: 'ES256', kid: KEY_ID })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setSubject(subject)
        .setIssuedAt()
        .setExpirationTime('1h')
        .sign(privateKey),
  };
}
