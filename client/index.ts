/**
 * The client of Parley, for browsers and Node 20 or later.
 *
 *     const account = createAccount({ url });
 *     await account.login({ handle: 'ada', password });
 *     const client = createClient({ url, getToken: account.getToken });
 *     client.on('entry', ({ entry }) => …);
 *     client.start();
 *     const { acked } = client.send(conversation, 'Hello');
 *     await acked; // durable
 */
export {
  type Account,
  type AccountOptions,
  createAccount,
  type Session,
  type StoredSession,
} from './auth.ts';
export { autoTransport, pollTransport } from './auto-transport.ts';
export { createClient } from './client.ts';
export { systemClock } from './clock.ts';
export { type FailureCode, ParleyError } from './errors.ts';
export { type SocketLike, type Transport, type TransportTools, webSocketTransport } from './transport.ts';
export type * from './types.ts';
