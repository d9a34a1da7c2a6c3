import { describe, expect, test } from 'vitest';
import { openObject } from '../../../schema/protocol/check.ts';
import { accept, PING, PONG, parse, parseDown, parseUp } from '../../../schema/protocol/codec.ts';
import { MAX_DEPTH } from '../../../schema/protocol/constants.ts';
import { contentTooLarge, MAX_CONTENT_DEPTH, utf8Exceeds } from '../../../schema/protocol/content.ts';
import { DEFAULT_LIMITS } from '../../../schema/protocol/limits.ts';
import { UP } from '../../../schema/protocol/up.ts';

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
const up = (json: string) => parseUp(json, DEFAULT_LIMITS);

describe('P8 text that is no frame', () => {
  test.each([
    '',
    ' ',
    'ping',
    '{',
    '{"type":"ping"',
    '{"type":"ping"}}',
    "{'type':'ping'}",
    '{"type":"ping",}',
    '\uFEFF{"type":"ping"}',
    'NaN',
    '{"type":"ping","n":01}',
  ])('%j is not JSON', (json) => {
    expect(up(json)).toEqual({ ok: false, code: 'bad_request', detail: 'is not valid JSON' });
  });

  test.each(['null', '5', '"ping"', 'true', '[]', '[{"type":"ping"}]'])('%s is no object', (json) => {
    expect(up(json)).toEqual({ ok: false, code: 'bad_request', detail: 'must be an object' });
  });

  test.each(['{}', '{"type":5}', '{"type":"welcome"}', '{"type":"__proto__"}', '{"type":"constructor"}'])(
    '%s has no type that a client sends',
    (json) => {
      expect(up(json)).toMatchObject({
        code: 'bad_request',
        detail: expect.stringMatching(/^type: must be one of hello, send,/),
      });
    },
  );

  test('binary', () => {
    expect(parseUp(new ArrayBuffer(8), DEFAULT_LIMITS)).toMatchObject({ ok: false, code: 'bad_request' });
  });
});

describe('P8 size', () => {
  test('counts bytes, not characters, exactly', () => {
    const frame = (text: string) => JSON.stringify({ type: 'ping', text });
    const bytes = (json: string) => new TextEncoder().encode(json).length;
    for (const character of ['a', 'ä', '€', '👋']) {
      const json = frame(character.repeat(100));
      expect(parse(UP.ping, json, bytes(json)).ok).toBe(true);
      expect(parse(UP.ping, json, bytes(json) - 1)).toMatchObject({ ok: false, code: 'too_large' });
    }
  });

  test('of a content, by the limit textBytes', () => {
    const limits = { ...DEFAULT_LIMITS, textBytes: 10 };
    expect(contentTooLarge({ kind: 'text', text: '€€€x' }, limits)).toBeUndefined();
    expect(contentTooLarge({ kind: 'text', text: '€€€xy' }, limits)).toMatchObject({ code: 'too_large' });
    expect(contentTooLarge({ kind: 'poll', options: [] }, limits)).toMatchObject({ code: 'too_large' });
  });

  test('utf8Exceeds agrees with an encoder', () => {
    for (const text of ['', 'abc', 'äöü', '€uro', '👋🏽', 'a👋ä€'.repeat(50)]) {
      const { length } = new TextEncoder().encode(text);
      expect(utf8Exceeds(text, length)).toBe(false);
      if (length > 0) expect(utf8Exceeds(text, length - 1)).toBe(true);
    }
  });
});

describe('P8 depth', () => {
  test('whatever is parsed can be written again', () => {
    expect(up(`{"type":"ping","x":${nested(MAX_DEPTH - 1)}}`).ok).toBe(true);
    for (const levels of [MAX_DEPTH, 1000, 30_000])
      expect(up(`{"type":"ping","x":${nested(levels)}}`)).toMatchObject({
        ok: false,
        code: 'bad_request',
        detail: 'is nested deeper than 40',
      });
  });

  test('brackets and quotes inside strings do not count', () => {
    for (const inside of ['[{'.repeat(500), '\\"[{'.repeat(500), '\\\\', '\\\\\\"['.repeat(500)])
      expect(up(`{"type":"ping","x":"${inside}"}`).ok).toBe(true);
    expect(up(`{"type":"ping","x":"\\\\","y":${nested(50)}}`).ok).toBe(false);
    expect(up(`{"type":"ping","x":"${'[]'.repeat(100)}`).ok).toBe(false);
  });

  test('of an open content', () => {
    const send = (x: string) =>
      up(`{"type":"send","clientId":"k","conversation":"c","content":{"kind":"poll","x":${x}}}`);
    expect(send(nested(MAX_CONTENT_DEPTH - 1)).ok).toBe(true);
    expect(send(nested(MAX_CONTENT_DEPTH))).toMatchObject({
      code: 'bad_request',
      detail: 'content: is nested deeper than 32',
    });
  });

  test('a content that a socket takes, a poll takes too', () => {
    const content = `{"kind":"poll","x":${nested(MAX_CONTENT_DEPTH - 1)}}`;
    const frame = `{"type":"send","clientId":"k","conversation":"c","content":${content}}`;
    expect(parse(openObject, `{"frames":[${frame}]}`, DEFAULT_LIMITS.frameBytes).ok).toBe(true);
  });

  test('a batch of the deepest contents reaches a client', () => {
    const content = `{"kind":"poll","x":${nested(MAX_CONTENT_DEPTH - 1)}}`;
    const entry = `{"type":"message","conversation":"c","seq":1,"ordinal":1,"from":"u","at":1,"clientId":"k","content":${content}}`;
    expect(parseDown(`{"type":"batch","conversation":"c","entries":[${entry}],"head":1}`).ok).toBe(true);
  });
});

describe('JSON that means harm', () => {
  test('a key __proto__ changes no prototype', () => {
    const answer = up('{"type":"ping","__proto__":{"polluted":true}}');
    expect(answer.ok).toBe(true);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test('__proto__ does not stand in for fields of its object', () => {
    expect(up('{"__proto__":{"type":"ping"}}')).toMatchObject({ ok: false, code: 'bad_request' });
  });

  test('of a key given twice the last counts', () => {
    expect(up('{"type":"hello","cursor":1,"cursor":2}')).toMatchObject({ ok: true, value: { cursor: 2 } });
    expect(up('{"type":"hello","cursor":1,"cursor":-2}')).toMatchObject({ ok: false });
  });

  test('numbers beyond a double', () => {
    expect(up('{"type":"received","conversation":"c","seq":1e999}')).toMatchObject({ ok: false });
    expect(up('{"type":"received","conversation":"c","seq":9007199254740993}')).toMatchObject({ ok: false });
    expect(up('{"type":"received","conversation":"c","seq":1e3}')).toMatchObject({
      ok: true,
      value: { seq: 1000 },
    });
  });
});

describe('a refused frame', () => {
  test('repeats what it was about, where that can be told', () => {
    expect(up('{"type":"send","clientId":"k-1","conversation":"c_1","content":5}')).toMatchObject({
      code: 'bad_request',
      clientId: 'k-1',
      conversation: 'c_1',
    });
    const other = up('{"type":"send","clientId":"not an id","conversation":["c_1"]}');
    expect(other).not.toHaveProperty('clientId');
    expect(other).not.toHaveProperty('conversation');
  });
});

test('ping and pong are the texts that the runtime answers', () => {
  expect(accept(UP.ping, JSON.parse(PING)).ok).toBe(true);
  expect(parseDown(PONG)).toEqual({ ok: true, value: { type: 'pong' } });
  expect([PING, PONG]).toEqual(['{"type":"ping"}', '{"type":"pong"}']);
});
