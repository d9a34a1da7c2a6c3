import { type Limits, parseLimits } from '../schema/protocol/limits.ts';

/** The variables of the Worker, as text. */
export interface Variables {
  /** JSON over the default limits. */
  readonly PARLEY_LIMITS?: string;
  /** Signs access tokens: at least 32 random bytes in base64url. */
  readonly PARLEY_SIGNING_KEY?: string;
  /** The embedding product's keys: the URL of its JWKS, or the JWKS itself. */
  readonly PARLEY_EXCHANGE_JWKS?: string;
  readonly PARLEY_EXCHANGE_ISSUER?: string;
  readonly PARLEY_EXCHANGE_AUDIENCE?: string;
}

/** Where tokens of an embedding product come from. */
export interface ExchangeSettings {
  readonly jwks: string;
  readonly issuer: string;
  readonly audience: string;
}

export interface Settings {
  readonly limits: Limits;
  /** The same object for as long as the setting stays the same. */
  readonly signingKey: Uint8Array;
  /** Undefined: this deployment embeds in nothing. */
  readonly exchange: ExchangeSettings | undefined;
}

const MIN_KEY_BYTES = 32;

let latest: { readonly source: string; readonly settings: Settings } | undefined;

/**
 * The settings of this deployment, parsed once per isolate.
 * @throws Error naming the setting that is wrong: then nothing is answered, so that it shows at once.
 */
export function settingsOf(env: Variables): Settings {
  // Compared by value: nothing promises that two requests get the same `env` object.
  const source = JSON.stringify([
    env.PARLEY_LIMITS,
    env.PARLEY_SIGNING_KEY,
    env.PARLEY_EXCHANGE_JWKS,
    env.PARLEY_EXCHANGE_ISSUER,
    env.PARLEY_EXCHANGE_AUDIENCE,
  ]);
  if (latest?.source !== source) {
    const settings = {
      limits: parseLimits(env.PARLEY_LIMITS),
      signingKey: signingKeyOf(env.PARLEY_SIGNING_KEY ?? ''),
      exchange: exchangeOf(env),
    };
    latest = { source, settings };
  }
  return latest.settings;
}

function signingKeyOf(text: string): Uint8Array {
  const bytes = /^[A-Za-z0-9_-]+=*$/.test(text) ? Buffer.from(text, 'base64url') : new Uint8Array();
  if (bytes.byteLength >= MIN_KEY_BYTES) return bytes;
  throw new Error(`PARLEY_SIGNING_KEY must be set to at least ${MIN_KEY_BYTES} random bytes in base64url`);
}

function exchangeOf(env: Variables): ExchangeSettings | undefined {
  const {
    PARLEY_EXCHANGE_JWKS: jwks,
    PARLEY_EXCHANGE_ISSUER: issuer,
    PARLEY_EXCHANGE_AUDIENCE: audience,
  } = env;
  if (jwks && issuer && audience) return { jwks, issuer, audience };
  if (!jwks && !issuer && !audience) return undefined;
  throw new Error(
    'PARLEY_EXCHANGE_JWKS, PARLEY_EXCHANGE_ISSUER and PARLEY_EXCHANGE_AUDIENCE must be set together',
  );
}
