import { afterEach, describe, expect, test } from 'vitest';
import { type Client, deliveryOf, keyOf, type PrefsChange, type SendState } from '../../../client/index.ts';
import { later } from '../../../client/later.ts';
import { look, memoryStore, texts, world } from './support.ts';

describe('sending', () => {
  test('P1: a send goes from queued to read, and its row keeps its key', async () => {
    const { clock, server, ada, ben, id, online } = world();
    const client = await online(ada);
    const room = client.conversation(id);
    const screen = look(client, id);
    await clock.advance(100);
    server.faults.down();
    await clock.advance(10);
    const send = room.send('hello');
    const states: string[] = [send.state.get().name];
    send.state.subscribe(() => {
      const { name } = send.state.get();
      if (states.at(-1) !== name) states.push(name);
    });
    const [row] = screen.state().items;
    expect(row).toMatchObject({ type: 'pending', clientId: send.clientId, state: { name: 'queued' } });
    server.faults.up();
    const { seq } = await clock.until(send.acked);
    const [stored] = screen.state().items;
    expect(stored).toMatchObject({ type: 'message', seq, clientId: send.clientId });
    expect(row && stored && keyOf(stored, ada.user.id)).toBe(row && keyOf(row, ada.user.id));
    server.confirm(id, ben.user.id, seq);
    await clock.advance(1000);
    server.confirm(id, ben.user.id, seq, 'read');
    await clock.advance(1000);
    expect(states).toEqual(['queued', 'sending', 'sent', 'delivered', 'read']);
    expect(stored?.type === 'message' && deliveryOf(stored, screen.state().reached)).toBe('read');
  });

  test('P3: without a connection it never throws, and goes out in order and once when there is one', async () => {
    const { clock, server, ada, id, open } = world();
    server.faults.down();
    const client = open(ada);
    const sends = [1, 2, 3].map((n) => client.conversation(id).send(`${n}`));
    await clock.advance(60_000);
    expect(texts(client.conversation(id).timeline.get().items)).toEqual([
      '1 (queued)',
      '2 (queued)',
      '3 (queued)',
    ]);
    server.faults.up();
    await clock.until(Promise.all(sends.map(({ acked }) => acked)));
    expect(server.log(id)).toMatchObject(['1', '2', '3'].map((text) => ({ content: { text } })));
  });

  test('what is refused says why, stays, and can be tried again or dropped', async () => {
    const { clock, server, ada, ben, id, online } = world();
    const client = await online(ada);
    server.block(ada.user.id, ben.user.id);
    const screen = look(client, id);
    const send = client.conversation(id).send('you there?');
    await expect(clock.until(send.acked)).rejects.toMatchObject({ code: 'blocked' });
    expect(send.state.get()).toMatchObject({ name: 'failed', error: { code: 'blocked' } });
    expect(screen.texts()).toEqual(['you there? (failed)']);
    expect(client.conversation(id).info.get()).toMatchObject({ failed: 1, waiting: 0 });
    send.retry();
    await clock.advance(1000);
    expect(send.state.get().name).toBe('failed');
    server.block(ada.user.id, ben.user.id, false);
    send.retry();
    await clock.waitFor(() => send.state.get().name === 'sent');
    expect(screen.texts()).toEqual(['you there?']);
    expect(send.cancel()).toBe(false);
  });

  test('what was never sent can be taken back; what may be stored can not', async () => {
    const { clock, server, ada, id, online } = world();
    const client = await online(ada);
    const room = client.conversation(id);
    server.faults.dropNext({ direction: 'down', type: 'ack' });
    const first = room.send('stored, but who knows');
    await clock.waitFor(() => client.connection.get().name === 'reconnecting');
    const second = room.send('never mind');
    expect(first.cancel()).toBe(false);
    expect(second.cancel()).toBe(true);
    await expect(second.acked).rejects.toMatchObject({ code: 'cancelled' });
    expect(second.state.get()).toEqual({ name: 'cancelled' });
    await clock.until(first.acked);
    await clock.advance(5000);
    expect(server.log(id)).toHaveLength(1);
  });

  test('edits and reactions show at once, and are the same when the service has them', async () => {
    const { clock, server, ada, id, online } = world();
    const client = await online(ada);
    const room = client.conversation(id);
    const screen = look(client, id);
    const { seq } = await clock.until(room.send('helo').acked);
    server.faults.down();
    room.edit(seq, 'hello');
    const react = room.react(seq, '👍', true);
    expect(screen.state().items[0]).toMatchObject({
      content: { text: 'hello' },
      reactions: { '👍': [ada.user.id] },
    });
    server.faults.up();
    await clock.until(react.acked);
    expect(screen.state().items).toHaveLength(1);
    expect(screen.state().items[0]).toMatchObject({
      content: { text: 'hello' },
      reactions: { '👍': [ada.user.id] },
    });
  });
});

describe('observables', () => {
  test('get answers the same object until something changes', async () => {
    const { clock, server, ada, ben, id, online } = world();
    const client = await online(ada);
    look(client, id);
    await clock.advance(1000);
    const { timeline, info } = client.conversation(id);
    const before = [timeline.get(), info.get(), client.conversations.get(), client.connection.get()];
    expect([timeline.get(), info.get(), client.conversations.get(), client.connection.get()]).toEqual(before);
    for (const [i, value] of [timeline.get(), info.get(), client.conversations.get()].entries())
      expect(value).toBe(before[i]);
    server.post(id, ben.user.id, 'hi');
    await clock.advance(1000);
    for (const [i, value] of [timeline.get(), info.get(), client.conversations.get()].entries())
      expect(value).not.toBe(before[i]);
  });

  test('rows of the list that did not change stay the same objects', async () => {
    const { clock, server, ada, ben, id, online } = world();
    const other = server.addConversation({
      kind: 'group',
      members: [ada.user.id, ben.user.id],
      title: 'Other',
    });
    const client = await online(ada);
    await clock.advance(1000);
    const before = new Map(client.conversations.get().items.map((item) => [item.id, item]));
    server.post(id, ben.user.id, 'hi');
    await clock.advance(1000);
    const after = new Map(client.conversations.get().items.map((item) => [item.id, item]));
    expect([...after.keys()]).toEqual([id, other.id]);
    expect(after.get(other.id)).toBe(before.get(other.id));
    expect(after.get(id)).toMatchObject({ unread: 1, last: { content: { text: 'hi' } } });
  });

  test('a loop over one sees the latest of each change', async () => {
    const { clock, server, ada, id, online } = world();
    const client = await online(ada);
    const states: SendState[] = [];
    const send = client.conversation(id).send('x');
    const loop = (async () => {
      for await (const state of send.state) {
        states.push(state);
        if (state.name === 'sent') return;
      }
    })();
    await clock.until(loop);
    expect(states.at(-1)).toMatchObject({ name: 'sent', seq: 1 });
    expect(server.log(id)).toHaveLength(1);
  });

  test('`message` and `messages()` never tell what this device said, also when the log settles it', async () => {
    const { clock, server, ada, ben, id, online, open } = world();
    const store = memoryStore();
    const client = await online(ada, { store });
    const other = await online(server.addDevice(ada.user.id));
    const told: string[] = [];
    const bot: string[] = [];
    const listen = (one: Client): void => {
      one.on('message', ({ content }) => told.push(String(content.text)));
      void (async () => {
        for await (const { content } of one.messages()) bot.push(String(content.text));
      })();
    };
    listen(client);
    client.conversation(id).send('answered');
    await clock.advance(1000);
    server.faults.dropNext({ direction: 'down', type: 'ack', user: ada.user.id });
    client.conversation(id).send('settled by the log');
    await clock.advance(5000);
    other.conversation(id).send('from the other device');
    await clock.advance(1000);
    server.post(id, ben.user.id, 'from ben');
    await clock.advance(1000);
    expect(told).toEqual(['from the other device', 'from ben']);
    expect(bot).toEqual(['from ben']);
    // And after a restart between the two.
    server.faults.dropNext({ direction: 'down', type: 'ack', user: ada.user.id });
    client.conversation(id).send('settled in the next run');
    await clock.advance(100);
    client.close();
    listen(open(ada, { store }));
    await clock.advance(5000);
    expect(server.log(id)).toHaveLength(5);
    expect(told).toHaveLength(2);
    expect(bot).toHaveLength(1);
  });

  test('a bot reads every message of others once, in order, however slow it is', async () => {
    const { clock, server, ada, ben, id, online } = world();
    const client = await online(ada);
    const read: string[] = [];
    const bot = (async () => {
      for await (const { content } of client.messages()) {
        read.push(String(content.text));
        await new Promise<void>((done) => clock.after(50, done));
      }
    })();
    for (let i = 1; i <= 20; i++) server.post(id, ben.user.id, `${i}`);
    client.conversation(id).send('mine');
    await clock.advance(300);
    server.faults.disconnect();
    for (let i = 21; i <= 25; i++) server.post(id, ben.user.id, `${i}`);
    await clock.advance(10_000);
    expect(read).toEqual(Array.from({ length: 25 }, (_, i) => `${i + 1}`));
    client.close();
    await clock.until(bot);
  });
});

describe('what a device keeps', () => {
  test('it opens with what it had before the network answers', async () => {
    const { clock, server, ada, ben, id, online, open } = world();
    for (let i = 1; i <= 40; i++) server.post(id, ben.user.id, `${i}`);
    const store = memoryStore();
    const first = await online(ada, { store });
    const before = look(first, id);
    await clock.waitFor(() => before.state().ready);
    first.conversation(id).setDraft({ text: 'half a sen' });
    await clock.advance(1000);
    first.close();
    server.faults.down();
    const second = open(ada, { store });
    const screen = look(second, id);
    await clock.advance(0);
    expect(second.connection.get().name).not.toBe('online');
    expect(second.conversations.get()).toMatchObject({ loaded: true, items: [{ id, unread: 40 }] });
    expect(second.me.get()?.user).toBe(ada.user.id);
    expect(screen.texts()).toEqual(before.texts());
    expect(second.conversation(id).draft.get()).toEqual({ text: 'half a sen' });
  });

  test('a screen that looks before the client is started shows what is kept, too', async () => {
    const { clock, server, ada, ben, id, make, online } = world();
    const store = memoryStore();
    server.post(id, ben.user.id, 'kept');
    const first = await online(ada, { store });
    const before = look(first, id);
    await clock.waitFor(() => before.texts().length === 1);
    await clock.advance(1000);
    first.close();
    server.faults.down();
    const second = make(ada, { store });
    const screen = look(second, id);
    await clock.advance(10);
    second.start();
    await clock.advance(1000);
    expect(screen.texts()).toEqual(['kept']);
  });

  test('P3 P5: a full outbox survives a restart and goes out once, in order', async () => {
    const { clock, server, ada, id, open } = world();
    const store = memoryStore();
    server.faults.down();
    const first = open(ada, { store });
    for (let i = 1; i <= 10; i++) first.conversation(id).send(`${i}`);
    await clock.advance(1000);
    first.close();
    const second = open(ada, { store });
    await clock.advance(1000);
    second.conversation(id).send('11');
    expect(texts(second.conversation(id).timeline.get().items)).toHaveLength(11);
    server.faults.up();
    await clock.waitFor(() => server.log(id).length === 11);
    await clock.advance(10_000);
    expect(server.log(id).map((entry) => entry.type === 'message' && entry.content.text)).toEqual(
      Array.from({ length: 11 }, (_, i) => `${i + 1}`),
    );
    expect(await store.read(['outbox'])).toEqual([]);
  });

  test('P4: a conversation that was announced and not asked about before the end is listed by the next run', async () => {
    const { clock, server, ada, ben, id, online } = world();
    const store = memoryStore();
    const first = await online(ada, { store });
    await clock.waitFor(() => first.conversations.get().loaded);
    const path = '/v1/conversations/';
    server.faults.failHttp(1000, 'unavailable', { method: 'GET', path });
    const members = [ada.user.id, ben.user.id];
    const silent = server.addConversation({ kind: 'group', members, creator: ben.user.id, title: 'Silent' });
    const said = server.addConversation({ kind: 'group', members, creator: ben.user.id, title: 'Said' });
    server.post(said.id, ben.user.id, 'hello');
    await clock.advance(1000);
    first.close();
    server.faults.calm();
    const second = await online(ada, { store });
    await clock.advance(5000);
    const titles = second.conversations.get().items.map((item) => item.title ?? item.id);
    expect(titles.sort()).toEqual(['Said', 'Silent', id].sort());
    expect(silent.title).toBe('Silent');
  });

  test('what failed is still there after a restart, with its reason', async () => {
    const { clock, server, ada, ben, id, online, open } = world();
    const store = memoryStore();
    server.block(ada.user.id, ben.user.id);
    const first = await online(ada, { store });
    const { clientId, acked } = first.conversation(id).send('no');
    await expect(clock.until(acked)).rejects.toMatchObject({ code: 'blocked' });
    await clock.advance(1000);
    first.close();
    const second = open(ada, { store });
    await clock.advance(1000);
    const send = second.conversation(id).sent(clientId);
    expect(send?.state.get()).toMatchObject({ name: 'failed', error: { code: 'blocked' } });
    server.block(ada.user.id, ben.user.id, false);
    send?.retry();
    await clock.waitFor(() => send?.state.get().name === 'sent');
  });

  test('P4: nothing is confirmed before it is kept', async () => {
    const { clock, server, ada, ben, id, open } = world();
    const inner = memoryStore();
    let release = (): void => {};
    let gate = Promise.resolve();
    const store = { ...inner, write: (rows: never) => gate.then(() => inner.write(rows)) };
    const client = open(ada, { store });
    await clock.until(client.online());
    await clock.advance(1000);
    gate = new Promise((done) => {
      release = done;
    });
    server.post(id, ben.user.id, 'one');
    await clock.advance(5000);
    expect(client.conversation(id).info.get()?.unread).toBe(1);
    expect(server.marks(id, ada.user.id).delivered).toBe(0);
    release();
    await clock.advance(1000);
    expect(server.marks(id, ada.user.id).delivered).toBe(1);
  });

  test('a store that fails costs nothing but the memory of it', async () => {
    const { clock, server, ada, ben, id, open } = world();
    const errors: string[] = [];
    const inner = memoryStore();
    const store = { ...inner, write: () => Promise.reject(new Error('QuotaExceededError')) };
    const client = open(ada, { store });
    client.on('error', ({ code }) => errors.push(code));
    await clock.until(client.online());
    server.post(id, ben.user.id, 'one');
    const { acked } = client.conversation(id).send('two');
    await clock.until(acked);
    await clock.advance(1000);
    expect(errors).toEqual(['storage']);
    expect(server.marks(id, ada.user.id).delivered).toBeGreaterThanOrEqual(1);
    expect(await inner.read(['outbox'])).toEqual([]);
  });

  test('P7: somebody else on the same device sees nothing of it', async () => {
    const { clock, server, ada, ben, id, online, open } = world();
    const cyd = server.addUser({ handle: 'cyd' });
    const store = memoryStore();
    server.post(id, ben.user.id, 'secret');
    const first = await online(ada, { store });
    look(first, id);
    first.conversation(id).setDraft({ text: 'private' });
    await clock.advance(1000);
    server.faults.down();
    first.conversation(id).send('from ada');
    await clock.advance(1000);
    first.close();
    server.faults.up();
    const second = open(cyd, { store });
    await clock.until(second.online());
    await clock.advance(5000);
    expect(second.me.get()?.user).toBe(cyd.user.id);
    expect(second.conversations.get().items).toEqual([]);
    expect(texts(second.conversation(id).timeline.get().items)).toEqual([]);
    expect(second.conversation(id).draft.get()).toBeUndefined();
    expect(JSON.stringify(await store.read(['entry', id]))).toBe('[]');
    expect(server.log(id)).toHaveLength(1);
  });

  test('clear forgets everything', async () => {
    const { clock, server, ada, ben, id, online } = world();
    const store = memoryStore();
    server.post(id, ben.user.id, 'secret');
    const client = await online(ada, { store });
    look(client, id);
    client.conversation(id).setDraft({ text: 'private' });
    await clock.advance(1000);
    await client.clear();
    for (const kind of ['state', 'conversation', 'outbox', 'draft', 'user'])
      expect(await store.read([kind])).toEqual([]);
    expect(await store.read(['entry', id])).toEqual([]);
    expect(client.connection.get().name).toBe('closed');
  });

  test('a deleted text does not stay on the disk, also when it is not on the screen', async () => {
    const { clock, ada, ben, id, online } = world();
    const store = memoryStore();
    const benClient = await online(ben);
    const first = await online(ada, { store });
    const { seq } = await clock.until(benClient.conversation(id).send('burn this').acked);
    await clock.advance(1000);
    first.close();
    const second = await online(ada, { store });
    await clock.until(benClient.conversation(id).remove(seq).acked);
    await clock.advance(1000);
    expect(JSON.stringify(await store.read(['entry', id]))).not.toContain('burn this');
    expect(JSON.stringify(await store.read(['conversation']))).not.toContain('burn this');
    second.close();
  });
});

describe('people and preferences', () => {
  test('names are asked for together, once, and kept', async () => {
    const { clock, server, ada, online, open } = world();
    const people = Array.from({ length: 30 }, (_, i) =>
      server.addUser({ handle: `p${i}00`, name: `P ${i}` }),
    );
    let asked = 0;
    const fetch: typeof globalThis.fetch = (input, init) => {
      if (String(input).includes('/users?ids=')) asked++;
      return server.fetch(input, init);
    };
    const store = memoryStore();
    const client = await online(ada, { fetch, store });
    const names = people.map(({ user }) => client.user(user.id));
    for (const name of names) name.subscribe(() => {});
    await clock.waitFor(() => names.every((name) => name.get() !== undefined));
    expect(names[3]?.get()).toMatchObject({ name: 'P 3' });
    expect(asked).toBe(1);
    await clock.advance(1000);
    client.close();
    server.faults.down();
    const again = open(ada, { store });
    await clock.advance(10);
    expect(again.user(people[5]?.user.id ?? '').get()).toMatchObject({ name: 'P 5' });
  });

  test('a preference shows at once, on all devices, and goes back when it is refused', async () => {
    const { clock, server, ada, id, online } = world();
    const client = await online(ada);
    const other = await online(server.addDevice(ada.user.id));
    await clock.advance(1000);
    const done = client.conversation(id).setPrefs({ pinned: true, archived: true });
    expect(client.conversation(id).info.get()?.prefs).toMatchObject({ archived: true });
    await clock.until(done);
    await clock.advance(1000);
    expect(other.conversation(id).info.get()?.prefs).toEqual(client.conversation(id).info.get()?.prefs);
    server.faults.failHttp(1, 'unavailable', { method: 'PATCH' });
    const failing = client.conversation(id).setPrefs({ archived: false });
    expect(client.conversation(id).info.get()?.prefs?.archived).toBeUndefined();
    await expect(clock.until(failing)).rejects.toMatchObject({ code: 'unavailable' });
    expect(client.conversation(id).info.get()?.prefs?.archived).toBe(true);
  });

  test('a preference that was told meanwhile is newer than a late answer, whatever was asked', async () => {
    const { clock, server, ada, ben, id, online } = world();
    let gate: Promise<void> | undefined;
    let open = (): void => {};
    const close = (): void => {
      gate = new Promise((resolve) => {
        open = resolve;
      });
    };
    const client = await online(ada, {
      fetch: async (...request) => {
        const answer = await server.fetch(...request);
        await gate;
        return answer;
      },
    });
    const other = await online(server.addDevice(ada.user.id));
    await clock.advance(1000);
    const prefs = () => client.conversation(id).info.get()?.prefs;
    /** On the other device. */
    const said = async (change: PrefsChange): Promise<void> => {
      await clock.until(other.conversation(id).setPrefs(change));
      await clock.advance(100);
    };

    close();
    const asked = client.createConversation({ kind: 'direct', members: [ben.user.id] });
    await clock.advance(100);
    await said({ archived: true });
    open();
    expect(await clock.until(asked)).toMatchObject({ id, prefs: { archived: true } });
    expect(prefs()).toEqual({ archived: true });

    close();
    const changed = client.conversation(id).setPrefs({ unread: true });
    await clock.advance(100);
    await said({ archived: false, unread: false });
    open();
    await clock.until(changed);
    expect(prefs() ?? {}).toEqual({});

    close();
    server.faults.failHttp(1, 'unavailable', { method: 'PATCH' });
    const refused = client.conversation(id).setPrefs({ unread: true });
    refused.catch(() => {});
    await clock.advance(100);
    await said({ archived: true });
    open();
    await expect(clock.until(refused)).rejects.toMatchObject({ code: 'unavailable' });
    expect(prefs()).toEqual({ archived: true });
  });

  test('presence and typing of those somebody looks at', async () => {
    const { clock, server, ada, ben, id, online } = world();
    const client = await online(ada);
    const presence = client.presence(ben.user.id);
    const { typing } = client.conversation(id);
    const off = presence.subscribe(() => {});
    client.conversation(id).focus(true);
    expect(presence.get()).toEqual({ online: undefined });
    const benClient = await online(ben);
    await clock.waitFor(() => presence.get().online === true);
    benClient.conversation(id).setTyping(true);
    await clock.waitFor(() => typing.get().length === 1);
    expect(typing.get()).toEqual([ben.user.id]);
    await clock.advance(10_000);
    expect(typing.get()).toEqual([]);
    benClient.close();
    await clock.waitFor(() => presence.get().online === false);
    off();
    expect(server.connections(ada.user.id)).toBe(1);
  });

  test('a new conversation and a message in it reach the list by themselves', async () => {
    const { clock, ada, ben, online, server } = world();
    const cyd = server.addUser({ handle: 'cyd' });
    const client = await online(cyd);
    await clock.waitFor(() => client.conversations.get().loaded);
    const adaClient = await online(ada);
    const { id } = await clock.until(
      adaClient.createConversation({ kind: 'group', title: 'Three', members: ['@ben', cyd.user.id] }),
    );
    adaClient.conversation(id).send('welcome');
    await clock.waitFor(() => client.conversation(id).info.get()?.last !== undefined);
    expect(client.conversations.get().items[0]).toMatchObject({
      id,
      title: 'Three',
      memberCount: 3,
      unread: 1,
    });
    await clock.until(adaClient.conversation(id).removeMember(cyd.user.id));
    await clock.waitFor(() => client.conversation(id).info.get() === undefined);
    expect(ben.user.handle).toBe('ben');
  });
});

describe('parts that are loaded later', () => {
  const whole = { ...later };
  afterEach(() => Object.assign(later, whole));

  test('without the one for the store memory has to do, and a timeline is shown all the same', async () => {
    const { clock, server, ada, ben, id, make } = world();
    server.post(id, ben.user.id, 'Hello, Ada!');
    const other = server.addConversation({
      kind: 'group',
      members: [ada.user.id, ben.user.id],
      title: 'k',
    }).id;
    server.post(other, ben.user.id, 'Hello, all!');
    server.confirm(other, ada.user.id, 1, 'read');
    later.device = () => Promise.reject(new Error('the network is gone'));
    const client = make(ada, { store: memoryStore() });
    const errors: unknown[] = [];
    client.on('error', ({ code }) => errors.push(code));
    // Both who looked before the start and who looks later.
    const before = look(client, id);
    client.start();
    await clock.until(client.online());
    await clock.advance(1000);
    expect(before.texts()).toEqual(['Hello, Ada!']);
    const after = look(client, other);
    await clock.advance(1000);
    expect(after.texts()).toEqual(['Hello, all!']);
    const { acked } = client.conversation(id).send('Hello, Ben!');
    expect(await clock.until(acked)).toMatchObject({ seq: 2 });
    expect(errors).toEqual(['storage']);
  });

  test('without the one for requests they are refused, and the next connection asks again', async () => {
    const { clock, server, ada, ben, id, make } = world();
    server.post(id, ben.user.id, 'Hello, Ada!');
    later.asking = () => Promise.reject(new Error('the network is gone'));
    const client = make(ada);
    client.start();
    await clock.until(client.online());
    await expect(client.findUser('ben')).rejects.toMatchObject({ code: 'network' });
    expect(client.conversations.get()).toEqual({ items: [], loaded: false });
    later.asking = whole.asking;
    server.faults.disconnect(ada.user.id);
    await clock.waitFor(() => client.conversations.get().loaded);
    expect(client.conversations.get().items).toMatchObject([{ id, unread: 1 }]);
  });
});
