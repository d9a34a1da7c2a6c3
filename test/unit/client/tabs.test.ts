import { describe, expect, test } from 'vitest';
import type { Client } from '../../../client/index.ts';
import { FakeBrowser } from './fake-tabs.ts';
import { killable, look, memoryStore, world } from './support.ts';

/** Tabs of one browser, signed in as ada. */
function browser(seed = 1, limits: Parameters<typeof world>[1] = {}) {
  const made = world(seed, limits);
  const store = memoryStore();
  const fake = new FakeBrowser(made.clock);
  const tab = (): { client: Client; kill(): void } => {
    const tabs = fake.tab();
    const program = killable(made, store);
    const client = made.open(made.ada, { ...program.options, tabs });
    const kill = (): void => {
      program.kill();
      tabs.kill();
    };
    return { client, kill };
  };
  return { ...made, store, tab };
}

describe('one connection for all tabs of a device', () => {
  test('two tabs hold one socket, and both show everything', async () => {
    const { clock, server, ada, ben, id, tab } = browser();
    const first = tab();
    const second = tab();
    await clock.waitFor(() => second.client.connection.get().name === 'online');
    expect(first.client.connection.get().name).toBe('online');
    expect(server.connections(ada.user.id)).toBe(1);
    const screens = [look(first.client, id), look(second.client, id)];
    await clock.advance(1000);
    server.post(id, ben.user.id, 'hi');
    await clock.advance(1000);
    first.client.conversation(id).send('from the first');
    await clock.advance(1000);
    second.client.conversation(id).send('from the second');
    await clock.advance(3000);
    for (const screen of screens) expect(screen.texts()).toEqual(['hi', 'from the first', 'from the second']);
    expect(second.client.conversations.get()).toMatchObject({ loaded: true, items: [{ id, head: 3 }] });
  });

  test('a tab that comes later knows what the service allows', async () => {
    const { clock, tab } = browser(1, { textBytes: 77 });
    const first = tab();
    await clock.until(first.client.online());
    expect(first.client.limits()).toMatchObject({ textBytes: 77 });
    const second = tab();
    expect(second.client.limits()).toEqual({});
    await clock.waitFor(() => second.client.connection.get().name === 'online');
    await clock.advance(10);
    expect(second.client.limits()).toEqual(first.client.limits());
  });

  test('P1: a send in the other tab goes through its states there', async () => {
    const { clock, server, ben, id, tab } = browser();
    tab();
    const { client } = tab();
    await clock.until(client.online());
    const send = client.conversation(id).send('hello');
    const { seq } = await clock.until(send.acked);
    server.confirm(id, ben.user.id, seq, 'read');
    await clock.waitFor(() => send.state.get().name === 'read');
  });

  test('what is refused fails in the tab that said it', async () => {
    const { clock, server, ada, ben, id, tab } = browser();
    tab();
    const { client } = tab();
    await clock.until(client.online());
    server.block(ada.user.id, ben.user.id);
    const send = client.conversation(id).send('no');
    await expect(clock.until(send.acked)).rejects.toMatchObject({ code: 'blocked' });
    expect(send.state.get().name).toBe('failed');
    server.block(ada.user.id, ben.user.id, false);
    send.retry();
    await clock.waitFor(() => send.state.get().name === 'sent');
    expect(server.log(id)).toHaveLength(1);
  });

  test('P3 P4: when the connected tab dies the next one connects, and sends what waits once', async () => {
    const { clock, server, ada, ben, id, tab } = browser();
    const first = tab();
    await clock.until(first.client.online());
    const second = tab();
    await clock.until(second.client.online());
    const screen = look(second.client, id);
    server.faults.down();
    await clock.advance(100);
    const send = second.client.conversation(id).send('in the dark');
    await clock.advance(10);
    first.client.conversation(id).send('from the dying');
    await clock.advance(100);
    first.kill();
    server.post(id, ben.user.id, 'meanwhile');
    server.faults.up();
    await clock.until(send.acked);
    await clock.advance(5000);
    expect(screen.texts()).toEqual(['meanwhile', 'in the dark', 'from the dying']);
    expect(server.connections(ada.user.id)).toBe(1);
    const third = tab();
    await clock.until(third.client.online());
    const late = look(third.client, id);
    await clock.advance(1000);
    expect(late.texts()).toEqual(screen.texts());
  });

  test('read in one is read in the other, and said once', async () => {
    const { clock, server, ada, ben, id, tab } = browser();
    const first = tab();
    const second = tab();
    await clock.until(second.client.online());
    server.post(id, ben.user.id, 'hi');
    await clock.waitFor(() => second.client.conversation(id).info.get()?.unread === 1);
    look(second.client, id);
    second.client.conversation(id).read();
    await clock.advance(1000);
    expect(first.client.conversation(id).info.get()).toMatchObject({ unread: 0, read: 1 });
    expect(server.marks(id, ada.user.id)).toEqual({ delivered: 1, read: 1 });
  });

  test('drafts and preferences are the same in both', async () => {
    const { clock, id, tab } = browser();
    const first = tab();
    const second = tab();
    await clock.until(second.client.online());
    await clock.advance(1000);
    second.client.conversation(id).setDraft({ text: 'half' });
    await clock.until(second.client.conversation(id).setPrefs({ pinned: true }));
    await clock.advance(1000);
    expect(first.client.conversation(id).draft.get()).toEqual({ text: 'half' });
    expect(first.client.conversation(id).info.get()?.prefs?.pinned).toEqual(expect.any(Number));
  });

  test('the connection of the other tab is shown with its next try', async () => {
    const { clock, server, tab } = browser();
    tab();
    const { client } = tab();
    await clock.until(client.online());
    server.faults.down();
    await clock.waitFor(() => client.connection.get().name === 'reconnecting');
    expect(client.connection.get()).toMatchObject({ at: expect.any(Number), reason: 'network' });
    server.faults.up();
    client.wake();
    await clock.until(client.online());
  });

  test('a tab that was closed leaves the others alone', async () => {
    const { clock, server, ada, ben, id, tab } = browser();
    const first = tab();
    await clock.until(first.client.online());
    const second = tab();
    await clock.until(second.client.online());
    first.client.close();
    await clock.waitFor(
      () => server.connections(ada.user.id) === 1 && second.client.connection.get().name === 'online',
    );
    server.post(id, ben.user.id, 'still here?');
    await clock.waitFor(() => second.client.conversation(id).info.get()?.unread === 1);
  });

  test('a tab that follows and is closed does not look to the others like the end', async () => {
    const { clock, tab } = browser();
    const first = tab();
    const second = tab();
    const third = tab();
    await clock.until(third.client.online());
    const seen: string[] = [];
    third.client.on('state', ({ name }) => seen.push(name));
    second.client.close();
    await clock.advance(1000);
    first.client.close();
    await clock.advance(1000);
    expect(seen).not.toContain('closed');
    expect(third.client.connection.get().name).toBe('online');
  });
});
