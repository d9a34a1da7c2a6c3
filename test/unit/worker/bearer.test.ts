import { describe, expect, test } from 'vitest';
import { bearerToken, handshakeOf } from '../../../worker/auth/bearer.ts';

describe('bearerToken', () => {
  test.each(['Bearer a.b-c_d', 'bearer a.b-c_d', 'Bearer   a.b-c_d '])('%j', (authorization) => {
    expect(bearerToken(new Headers({ authorization }))).toEqual({ ok: true, value: 'a.b-c_d' });
  });

  test.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Basic abc',
    'Bearer a b',
    'Bearer a,b',
    `Bearer ${'a'.repeat(4097)}`,
  ])('P8 %j is unauthenticated', (authorization) => {
    const headers = new Headers(authorization === undefined ? {} : { authorization });
    expect(bearerToken(headers)).toMatchObject({ ok: false, code: 'unauthenticated' });
  });
});

describe('handshakeOf', () => {
  const handshake = (headers: Record<string, string>) =>
    handshakeOf(new Headers({ upgrade: 'WebSocket', ...headers }));

  test('takes the token of a sub-protocol and answers with parley.v1', () => {
    const got = handshake({ 'sec-websocket-protocol': 'parley.bearer.t.o.k,parley.v1' });
    expect(got).toEqual({ ok: true, value: { token: 't.o.k', protocol: 'parley.v1' } });
  });

  test('takes the token of the header; who offers no protocol is answered with none', () => {
    const authorization = 'Bearer tok';
    expect(handshake({ authorization })).toEqual({ ok: true, value: { token: 'tok', protocol: undefined } });
    const offered = handshake({ authorization, 'sec-websocket-protocol': 'parley.v2, parley.v1' });
    expect(offered).toEqual({ ok: true, value: { token: 'tok', protocol: 'parley.v1' } });
  });

  test('P8 says what is wrong', () => {
    expect(handshakeOf(new Headers())).toMatchObject({ code: 'bad_request' });
    expect(handshake({})).toMatchObject({ code: 'unauthenticated' });
    expect(handshake({ 'sec-websocket-protocol': 'parley.v2' })).toMatchObject({
      code: 'unsupported_version',
    });
    const long = `parley.v1, parley.bearer.${'a'.repeat(4097)}`;
    expect(handshake({ 'sec-websocket-protocol': long })).toMatchObject({ code: 'unauthenticated' });
  });
});
