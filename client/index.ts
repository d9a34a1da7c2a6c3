/**
 * The client of Parley, for browsers, Workers, and Node 20 or later.
 *
 *     const account = createAccount({ url });
 *     await account.login({ handle: 'ada', password });
 *     const chat = createClient({ url, getToken: account.getToken });
 *     chat.start();
 *     const room = chat.conversation(id);
 *     room.timeline.subscribe(() => show(room.timeline.get().items));
 *     const { acked } = room.send('Hello');
 *     await acked; // durable
 */
export { VERSION } from '../schema/protocol/release.ts';
export {
  type Account,
  type AccountOptions,
  createAccount,
  type Session,
  type SessionStorage,
  type StoredSession,
} from './auth.ts';
export { autoTransport, pollTransport } from './auto-transport.ts';
export { createClient } from './client.ts';
export { systemClock } from './clock.ts';
export { type FailureCode, ParleyError } from './errors.ts';
export { keyOf } from './items.ts';
export type { Range } from './ranges.ts';
export { deliveryOf } from './reached.ts';
export { parseStored } from './session-storage.ts';
export { indexedDbStore, type Key, memoryStore, type Row } from './store.ts';
export { type SocketLike, type Transport, type TransportTools, webSocketTransport } from './transport.ts';
export type * from './types.ts';
