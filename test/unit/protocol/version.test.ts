import { expect, test } from 'vitest';
import { SUBPROTOCOL } from '../../../schema/protocol/constants.ts';
import { PROTOCOL_HISTORY, PROTOCOL_VERSION } from '../../../schema/protocol/version.ts';
import { howToRecord, protocolHash } from '../../../scripts/protocol-hash.ts';

test('the contract is the one that was recorded last', () => {
  const hash = protocolHash();
  expect(PROTOCOL_HISTORY.at(-1)?.hash, howToRecord(hash)).toBe(hash);
});

test('the history is in order and ends with this version', () => {
  const versions = PROTOCOL_HISTORY.map((record) => record.version);
  expect(versions).toEqual([...versions].sort((a, b) => a - b));
  expect(versions.at(-1)).toBe(PROTOCOL_VERSION);
  expect(new Set(PROTOCOL_HISTORY.map((record) => record.hash)).size).toBe(PROTOCOL_HISTORY.length);
  for (const { hash, what } of PROTOCOL_HISTORY) {
    expect(hash).toMatch(/^[0-9a-f]{16}$/);
    expect(what).not.toBe('');
  }
});

test('the sub-protocol names the version', () => {
  expect(SUBPROTOCOL).toBe(`parley.v${PROTOCOL_VERSION}`);
});
