import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Seen } from '../../../client/testing/world.ts';
import { KNOWS, NEEDS } from '../../../schema/protocol/knows.ts';
import { look, world } from './support.ts';

const released = [...KNOWS];
const needs = { 'react.type': 'shout', 'send.replyTo': 'threads', 'focus.type': 'shout' };
beforeEach(() => {
  KNOWS.push('shout', 'threads');
  Object.assign(NEEDS, needs);
});
afterEach(() => {
  KNOWS.splice(0, KNOWS.length, ...released);
  for (const name of Object.keys(needs)) Reflect.deleteProperty(NEEDS, name);
});

/** A service of an older release, with one message in a conversation, and all that is said to it. */
async function older() {
  const all = world();
  const { server, ada, ben, id } = all;
  const { id: other } = server.addConversation({ kind: 'group', members: [ada.user.id, ben.user.id] });
  server.post(id, ben.user.id, 'hi');
  server.faults.release([]);
  const up: string[] = [];
  server.tap(({ direction, user, text }: Seen) => {
    if (direction === 'up' && user === ada.user.id) up.push(JSON.parse(text).type);
  });
  const client = await all.online(ada);
  await client.conversation(id).loadOlder();
  const shown = look(client, id);
  const types = (conversation: string): string[] => server.log(conversation).map(({ type }) => type);
  return { ...all, client, other, up, shown, types };
}

test('P5: what the service does not know waits, and what was said behind it; nothing else does', async () => {
  const { clock, server, client, id, other, up, shown, types } = await older();
  const handle = client.conversation(id);
  handle.send('before');
  const loud = handle.react(1, '📣', true);
  handle.send('after');
  await clock.until(client.conversation(other).send('elsewhere').acked);
  await clock.advance(600_000);
  expect([types(id), types(other)]).toEqual([['message', 'message'], ['message']]);
  expect(loud.state.get().name).toBe('queued');
  expect(shown.texts()).toEqual(['hi', 'before', 'after (queued)']);
  // It doesn't ask for ever either: pings and confirmations are all that is heard of it.
  expect(up.filter((type) => !['ping', 'received'].includes(type))).toEqual(['hello', 'send', 'send']);

  server.faults.release(['shout']);
  await clock.advance(100);
  expect(types(id)).toEqual(['message', 'message', 'react', 'message']);
  expect(shown.texts()).toEqual(['hi', 'before', 'after']);
});

test('P3: one field may be what the service does not know; the next connection is a try too', async () => {
  const { clock, server, client, id, ada, types } = await older();
  KNOWS.splice(0, 1);
  server.faults.disconnect(ada.user.id);
  await clock.advance(5000);
  // Now this client is one that is not told of another release on an open line.
  client.conversation(id).send('an answer', { replyTo: 1 });
  server.faults.release(['threads']);
  await clock.advance(60_000);
  expect(types(id)).toEqual(['message']);
  server.faults.disconnect(ada.user.id);
  await clock.advance(5000);
  expect(types(id)).toEqual(['message', 'message']);
  expect(server.log(id)[1]).toMatchObject({ replyTo: 1 });
});

test('an answer to what was sent still counts while something waits behind it', async () => {
  const { clock, server, client, id, ada, types } = await older();
  server.faults.dropNext({ direction: 'up', type: 'send', user: ada.user.id });
  const { acked } = client.conversation(id).send('lost with its line');
  client.conversation(id).react(1, '📣', true);
  await clock.until(acked);
  expect(types(id)).toEqual(['message', 'message']);
});

test('what only informs is not said to a service that does not know it', async () => {
  const { clock, server, client, id, ada, up } = await older();
  client.conversation(id).focus(true);
  await clock.advance(100);
  expect(up).not.toContain('focus');
  server.faults.release(['shout']);
  server.faults.disconnect(ada.user.id);
  await clock.advance(5000);
  expect(up.filter((type) => type === 'focus')).toHaveLength(1);
});
