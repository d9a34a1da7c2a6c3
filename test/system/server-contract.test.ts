import { afterAll, beforeAll } from 'vitest';
import { WebSocket } from 'ws';
import { createIssuer } from '../../bench/support/issuer.ts';
import { webSocketTransport } from '../../client/transport.ts';
import type { Service } from '../contract/server/device.ts';
import { serverContract } from '../contract/server-contract.ts';
import { ServiceProcess, temporaryFolder } from '../support/system-service.ts';

const folder = temporaryFolder();
let process: ServiceProcess;
let service: Service;

beforeAll(async () => {
  const issuer = createIssuer();
  const env = { ...issuer.variables, PARLEY_LIMITS: '{"authRate":100000}' };
  process = await ServiceProcess.start({ data: folder.path, env });
  service = {
    url: process.url,
    transport: webSocketTransport(WebSocket),
    fetch: globalThis.fetch,
    product: (subject) => issuer.token(subject),
    tokenOf: (handle) => issuer.token(handle, handle),
  };
});

afterAll(async () => {
  await process?.end();
  folder[Symbol.dispose]();
});

serverContract('real', () => service);
