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
  const product = (subject: string): Promise<string> => issuer.token(subject);
  const transport = webSocketTransport(WebSocket);
  service = { url: process.url, transport, fetch: globalThis.fetch, product };
});

afterAll(async () => {
  await process?.end();
  folder[Symbol.dispose]();
});

serverContract('real', () => service);
