import { createTestServer } from '../../client/testing/index.ts';
import { serverContract } from './server-contract.ts';

const server = createTestServer();

serverContract('in memory', () => server);
