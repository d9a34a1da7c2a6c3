import { createTestServer } from '../../client/testing/index.ts';
import { serverContract } from './server-contract.ts';

const server = createTestServer({
  exchange: (token) => (token.startsWith('jwt ') ? { subject: token.split(' ')[1] ?? '' } : undefined),
});
const product = async (subject: string): Promise<string> => `jwt ${subject} ${crypto.randomUUID()}`;

serverContract('in memory', () => ({ ...server, product }));
