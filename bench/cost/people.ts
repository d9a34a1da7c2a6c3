import '../../client/testing/at-once.ts';

import { createHeadless, type Headless } from '../../client/headless.ts';
import { SimulatedSocket } from './simulated-socket.ts';
import type { World } from './world.ts';

/** Time for everything that a connection sets off, in virtual ms. */
export const CONNECTED_MS = 5_000;

export interface Person {
  readonly name: string;
  readonly client: Headless;
}

/** People with one device each, which runs the client module; whoever is connected looks at what comes. */
export async function people(world: World, names: readonly string[]): Promise<Person[]> {
  let ids = 0;
  const all = names.map((name): Person => {
    const client = createHeadless({
      url: 'http://cost.invalid',
      getToken: async () => 'token',
      transport: () => new SimulatedSocket(world, name, `${name}-device`),
      clock: world.clock,
      random: () => world.random(),
      newId: () => `m${ids++}`,
      keep: 50,
    });
    client.on('entry', ({ conversation, entry, own }) => {
      if (!own) client.read(conversation, entry.seq);
    });
    client.start();
    return { name, client };
  });
  await connected(world, all);
  return all;
}

/** Waits `CONNECTED_MS` for clients that were started. */
export async function connected(world: World, all: readonly Person[]): Promise<void> {
  // Tokens come by promises, which the virtual clock knows nothing of.
  await new Promise((resolve) => setImmediate(resolve));
  world.clock.advance(CONNECTED_MS);
  for (const { name, client } of all)
    if (client.state.name !== 'online') throw new Error(`${name} is ${client.state.name}`);
}

/** Makes a conversation the way the HTTP API does. @returns its id. */
export function converse(world: World, kind: 'direct' | 'group', names: readonly string[]): string {
  const [creator = '', ...members] = names;
  let id: string | undefined;
  world.user(creator).object.turn('request', (core) => {
    core.request(`${creator}-device`, { op: 'create', kind, mode: 'server', members }, (answer) => {
      if (!answer.ok) throw new Error(`${answer.code}: ${answer.detail}`);
      id = (JSON.parse(answer.body) as { id: string }).id;
    });
  });
  if (!world.clock.until(() => id !== undefined, CONNECTED_MS) || id === undefined)
    throw new Error('the conversation was not made');
  return id;
}
