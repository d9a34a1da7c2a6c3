import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createIssuer } from '../../../bench/support/issuer.ts';
import { webSocketTransport } from '../../../client/transport.ts';
import { VERSION } from '../../../schema/protocol/release.ts';
import { previousRelease } from '../../../scripts/keep-build.mjs';
import { isAfter } from '../../../scripts/release-text.mjs';
import type { Service } from '../../contract/server/device.ts';
import { serverContract } from '../../contract/server-contract.ts';
import { releaseOf } from '../../contract/since.ts';
import { buildHashes, mixOf } from '../../support/builds.ts';
import { ServiceProcess, temporaryFolder } from '../../support/system-service.ts';

/**
 * What is true of a service is true in the middle of a deploy, and after going back: only what came with today's
 * release is left out, by what `/v1/health` says of the parts (test/contract/since.ts).
 */
const mixes = [
  ['PTT', 'the previous Worker before today’s objects'],
  ['TPP', 'today’s Worker before the previous objects'],
  ['TPT', 'today’s Worker, the previous user objects, today’s conversations'],
  ['TTP', 'today’s Worker and user objects, the previous conversations'],
  ['PPP', 'the previous service, from today’s client'],
] as const;

test('the two builds are two', async () => {
  const { today, previous } = await buildHashes();
  expect(today, 'test/fixtures/previous is what was built just now').not.toBe(previous);
  expect(isAfter(VERSION, (await previousRelease()).version)).toBe(true);
});

const folders = mixes.map(() => temporaryFolder());
const services = new Map<string, Service>();
const processes: ServiceProcess[] = [];

beforeAll(async () => {
  const issuer = createIssuer();
  const env = { ...issuer.variables, PARLEY_LIMITS: '{"authRate":100000}' };
  await Promise.all(
    mixes.map(async ([letters], i) => {
      const process = await ServiceProcess.start({ data: folders[i]?.path ?? '', env, mix: mixOf(letters) });
      processes.push(process);
      const service: Service = {
        url: process.url,
        transport: webSocketTransport(WebSocket),
        fetch: globalThis.fetch,
        product: (subject) => issuer.token(subject),
        tokenOf: (handle) => issuer.token(handle, handle),
      };
      const releases = await Promise.all(process.parts.map((url) => releaseOf({ ...service, url })));
      const oldest = releases.reduce((a, b) => (isAfter(a, b) ? b : a));
      services.set(letters, { ...service, release: oldest });
      const of = { T: VERSION, P: (await previousRelease()).version };
      expect(releases).toEqual([...letters].map((one) => of[one as 'T' | 'P']));
    }),
  );
});

afterAll(async () => {
  await Promise.all(processes.map((process) => process.end()));
  for (const folder of folders) folder[Symbol.dispose]();
});

for (const [letters, name] of mixes)
  describe.concurrent(name, () => {
    serverContract(letters, () => {
      const service = services.get(letters);
      if (!service) throw new Error(`${letters} did not start`);
      return service;
    });
  });
