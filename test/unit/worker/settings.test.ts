import { describe, expect, test } from 'vitest';
import { settingsOf, type Variables } from '../../../worker/settings.ts';

const key = Buffer.alloc(32, 7).toString('base64url');
const env = (settings: Variables): Variables => ({ PARLEY_SIGNING_KEY: key, ...settings });

describe('settingsOf', () => {
  test('reads limits, key and exchange', () => {
    const exchange = {
      PARLEY_EXCHANGE_JWKS: 'https://product.test/jwks.json',
      PARLEY_EXCHANGE_ISSUER: 'https://product.test',
      PARLEY_EXCHANGE_AUDIENCE: 'parley',
    };
    const settings = settingsOf(env({ PARLEY_LIMITS: '{"devices":3}', ...exchange }));
    expect(settings.limits.devices).toBe(3);
    expect(settings.signingKey.byteLength).toBe(32);
    expect(settings.exchange).toEqual({
      jwks: exchange.PARLEY_EXCHANGE_JWKS,
      issuer: exchange.PARLEY_EXCHANGE_ISSUER,
      audience: exchange.PARLEY_EXCHANGE_AUDIENCE,
    });
    expect(settingsOf(env({})).exchange).toBeUndefined();
  });

  test('parses once for the same values, and again for others', () => {
    const first = settingsOf(env({}));
    expect(settingsOf(env({}))).toBe(first);
    expect(settingsOf(env({ PARLEY_LIMITS: '{"page":5}' })).limits.page).toBe(5);
  });

  test.each([
    [{ PARLEY_SIGNING_KEY: '' }, 'PARLEY_SIGNING_KEY'],
    [{ PARLEY_SIGNING_KEY: 'dG9vIHNob3J0' }, 'PARLEY_SIGNING_KEY'],
    [{ PARLEY_SIGNING_KEY: `${key} ` }, 'PARLEY_SIGNING_KEY'],
    [{ PARLEY_LIMITS: '{"devices":-1}' }, 'PARLEY_LIMITS'],
    [{ PARLEY_EXCHANGE_ISSUER: 'https://product.test' }, 'PARLEY_EXCHANGE_JWKS'],
  ])('%j is refused by name', (settings, name) => {
    expect(() => settingsOf(env(settings))).toThrow(name);
  });
});
