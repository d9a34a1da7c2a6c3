/**
 * Parley without a network, for tests of products that embed it.
 *
 *     const clock = createVirtualClock();
 *     const server = createTestServer({ clock });
 *     const ada = server.addUser({ handle: 'ada' });
 *     const client = createClient({ ...server, clock, getToken: ada.getToken });
 */
import './at-once.ts';

export type { ProductUser } from './accounts.ts';
export type { FaultRates, Faults, FrameFilter, HttpFailure, HttpFilter } from './faults.ts';
export type { Mark } from './members.ts';
export { createTestServer, type TestServer, type TestServerOptions, type TestUser } from './server.ts';
export { type RunningParley, type StartOptions, startParley } from './start-parley.ts';
export { createVirtualClock, type VirtualClock } from './virtual-clock.ts';
export type { Seen } from './world.ts';
