// @vitest-environment happy-dom
import { act, type ReactNode, useEffect, useState } from 'react';
import { renderToString } from 'react-dom/server';
import { expect, test } from 'vitest';
import type { Send, TimelineItem } from '../../../../client/index.ts';
import { keyOf } from '../../../../client/index.ts';
import { Live } from '../../../../client/observable.ts';
import {
  ParleyProvider,
  useClient,
  useConnection,
  useConversation,
  useConversationHandle,
  useConversations,
  useDraft,
  useFocus,
  useMarkRead,
  useMe,
  useMembers,
  usePresence,
  useSend,
  useSendState,
  useTimeline,
  useTyping,
  useUser,
  useUsers,
} from '../../../../client/react/index.ts';
import { texts } from '../support.ts';
import { commits, stage, watchConsole } from './stage.tsx';

watchConsole();

function Messages({ id }: { readonly id: string }): ReactNode {
  return texts(useTimeline(id).items).join(', ');
}

/** Says something once it is on the screen, as a page does that was opened to share something. */
function SaysHello({ id, clientId }: { readonly id: string; readonly clientId: string }): ReactNode {
  const send = useSend(id);
  const [sent, setSent] = useState<Send>();
  const [seq, setSeq] = useState(0);
  useEffect(() => {
    const hello = send('hello', { clientId });
    setSent(hello);
    hello.acked.then(
      (acked) => setSeq(acked.seq),
      () => {},
    );
  }, [send, clientId]);
  return `${seq} ${useSendState(sent)?.name}`;
}

test('P3: StrictMode mounts twice, and what was sent in between is stored once', async () => {
  const { ada, id, client, mount, pass, server } = stage();
  const page = await mount(client(ada), <SaysHello id={id} clientId="one" />);
  await pass(1000);
  expect(page.text()).toBe('1 sent');
  expect(server.log(id)).toMatchObject([{ clientId: 'one', content: { text: 'hello' } }]);
});

test('P1 P3: a page goes with sends that wait, comes back, and they go out in order, in the same rows', async () => {
  const { ada, id, client, mount, pass, server } = stage();
  const chat = client(ada);
  const page = await mount(chat, <Messages id={id} />);
  await pass(1000);
  server.faults.down();
  await pass(10);
  const keys = (): string[] =>
    chat
      .conversation(id)
      .timeline.get()
      .items.map((item: TimelineItem) => keyOf(item, ada.user.id));
  await act(async () => {
    for (const text of ['one', 'two'])
      chat
        .conversation(id)
        .send(text)
        .acked.catch(() => {});
  });
  expect(page.text()).toBe('one (queued), two (queued)');
  const before = keys();
  await page.unmount();
  await pass(1000);
  expect(chat.connection.get().name).toBe('closed');
  const again = await mount(chat, <Messages id={id} />);
  expect(again.text()).toBe('one (queued), two (queued)');
  server.faults.up();
  await pass(60_000);
  expect(again.text()).toBe('one, two');
  expect(keys()).toEqual(before);
  expect(server.log(id)).toHaveLength(2);
});

test('another conversation: the first is let go, the second loads', async () => {
  const { ada, ben, id, client, mount, pass, server } = stage();
  const group = server.addConversation({ kind: 'group', members: [ada.user.id, ben.user.id], title: 'k' }).id;
  server.post(id, ben.user.id, 'in private');
  server.post(group, ben.user.id, 'to all');
  const chat = client(ada);
  const watched = (of: string): boolean => {
    const { timeline } = chat.conversation(of);
    return timeline instanceof Live && timeline.watched;
  };
  const page = await mount(chat, <Messages id={id} />);
  await pass(1000);
  expect(page.text()).toBe('in private');
  expect([id, group].map(watched)).toEqual([true, false]);
  await page.show(<Messages id={group} />);
  await pass(1000);
  expect(page.text()).toBe('to all');
  expect([id, group].map(watched)).toEqual([false, true]);
  await page.unmount();
  expect([id, group].map(watched)).toEqual([false, false]);
});

test('several components on one conversation: each renders once for a change, and others not at all', async () => {
  const { ada, ben, id, client, mount, pass, server } = stage();
  const { counts, reset, useCount } = commits();
  const Timeline = (): ReactNode => {
    useCount('timeline');
    return texts(useTimeline(id).items).join();
  };
  const Head = (): ReactNode => {
    useCount('head');
    return useConversation(id)?.unread;
  };
  const List = (): ReactNode => {
    useCount('list');
    return useConversations().items.map(({ last }) => last?.seq);
  };
  const Other = (): ReactNode => {
    useCount('other');
    const [draft] = useDraft(id);
    const [send, tell] = [useSend(id), useConversationHandle(id)];
    return [useMe()?.user, useConnection().name, draft?.text, typeof send, tell.id].join();
  };
  const all = [
    <Timeline key="1" />,
    <Timeline key="2" />,
    <Head key="3" />,
    <List key="4" />,
    <Other key="5" />,
  ];
  const page = await mount(client(ada), all);
  await pass(5000);
  reset();
  await act(async () => server.post(id, ben.user.id, 'hello'));
  await pass(5000);
  expect(page.text()).toBe(`hellohello11${[ada.user.id, 'online', '', 'function', id].join()}`);
  expect(counts).toEqual({ timeline: 2, head: 1, list: 1, other: 0 });
  // The same again, with nothing that changes: a token is refreshed, the line is proven.
  reset();
  await pass(600_000);
  expect(counts).toEqual({ timeline: 0, head: 0, list: 0, other: 0 });
});

test('what changes for one doesn’t render the others', async () => {
  const { ada, ben, id, client, mount, pass, server } = stage();
  for (let n = 1; n <= 300; n++) server.post(id, ben.user.id, `${n}`);
  const { counts, reset, useCount } = commits();
  const Timeline = (): ReactNode => {
    useCount('timeline');
    return useTimeline(id).items.length;
  };
  const List = (): ReactNode => {
    useCount('list');
    return useConversations().items.length;
  };
  const Me = (): ReactNode => {
    useCount('me');
    return useMe()?.user;
  };
  const chat = client(ada);
  await mount(chat, [<Timeline key="1" />, <List key="2" />, <Me key="3" />]);
  await pass(5000);
  const room = chat.conversation(id);
  reset();
  await act(async () => room.loadOlder());
  await pass(5000);
  expect(counts).toMatchObject({ list: 0, me: 0 });
  expect(counts['timeline']).toBeGreaterThan(0);
  reset();
  await act(async () => room.setPrefs({ pinned: true }));
  await pass(5000);
  expect(counts).toMatchObject({ timeline: 0, me: 0 });
  expect(counts['list']).toBeGreaterThan(0);
  reset();
  server.faults.disconnect();
  await pass(60_000);
  expect(chat.connection.get().name).toBe('online');
  expect(counts).toEqual({ timeline: 0, list: 0, me: 0 });
});

test('the timeline is the same object until something in it changes, and its functions stay', async () => {
  const { ada, ben, id, client, mount, pass, server } = stage();
  const seen = new Set<ReturnType<typeof useTimeline>>();
  const Looks = ({ n }: { readonly n: number }): ReactNode => {
    const timeline = useTimeline(id);
    useEffect(() => void seen.add(timeline), [timeline]);
    return `${n} ${timeline.items.length}`;
  };
  const page = await mount(client(ada), <Looks n={1} />);
  await pass(5000);
  seen.clear();
  for (const n of [2, 3]) await page.show(<Looks n={n} />);
  expect(page.text()).toBe('3 0');
  expect(seen.size).toBe(0);
  for (const text of ['a', 'b']) {
    await act(async () => server.post(id, ben.user.id, text));
    await pass(5000);
  }
  expect(page.text()).toBe('3 2');
  const [one, two] = [...seen];
  expect(seen.size).toBe(2);
  expect(two?.items[0]).toBe(one?.items[0]);
  for (const name of ['loadOlder', 'loadAround', 'fill', 'letGo', 'jumpToLatest'] as const)
    expect(two?.[name]).toBe(one?.[name]);
});

test('older messages and gaps load through what the timeline hook gives', async () => {
  const { ada, ben, id, client, mount, pass, server } = stage();
  for (let n = 1; n <= 300; n++) server.post(id, ben.user.id, `${n}`);
  let timeline: ReturnType<typeof useTimeline> | undefined;
  const Looks = (): ReactNode => {
    timeline = useTimeline(id);
    return timeline.items.map((item) => (item.type === 'gap' ? `${item.from}-${item.to}` : '·')).join('');
  };
  const page = await mount(client(ada), <Looks />);
  await pass(5000);
  const before = timeline?.items.length ?? 0;
  await act(async () => timeline?.loadOlder());
  expect(timeline?.items.length).toBe(before + 50);
  await act(async () => timeline?.loadAround(100));
  const gap = timeline?.items.find((item) => item.type === 'gap');
  expect(gap).toBeDefined();
  await act(async () => gap && timeline?.fill(gap, 'start'));
  const smaller = timeline?.items.find((item) => item.type === 'gap');
  expect(smaller?.from).toBe((gap?.from ?? 0) + 50);
  const items = timeline?.items.length ?? 0;
  await act(async () => gap && timeline?.letGo({ from: gap.from, to: gap.from + 49 }));
  expect(timeline?.items.find((item) => item.type === 'gap')).toEqual(gap);
  expect(timeline?.items.length).toBe(items - 50);
  await act(async () => timeline?.jumpToLatest());
  expect(page.text()).not.toContain('-');
});

test('people on the screen are watched in one go, and no longer when they leave it', async () => {
  const { ada, client, clock, mount, pass, server } = stage();
  const friends = Array.from({ length: 30 }, (_, n) => server.addUser({ handle: `friend${n}` }).user.id);
  const watches: string[][] = [];
  server.tap(({ direction, text }) => {
    const frame = JSON.parse(text);
    if (direction === 'up' && frame.type === 'watch') watches.push(frame.users);
  });
  const Dot = ({ user }: { readonly user: string | undefined }): ReactNode =>
    String(usePresence(user).online);
  const chat = client(ada);
  const page = await mount(chat, <Dot user={undefined} />);
  await pass(1000);
  expect([page.text(), watches]).toEqual(['undefined', []]);
  await page.show(friends.map((user) => <Dot key={user} user={user} />));
  await pass(1000);
  expect(watches).toHaveLength(1);
  expect(watches).toEqual([friends]);
  await page.show(null);
  await pass(1000);
  expect(watches.slice(1)).toEqual([[]]);
  const { pending } = clock;
  await pass(120_000);
  expect(watches).toHaveLength(2);
  expect(clock.pending).toBeLessThanOrEqual(pending);
});

test('names: many at once are one request, and nobody is nobody', async () => {
  const { ada, ben, client, mount, pass, server } = stage();
  const asked: string[] = [];
  const fetch: typeof globalThis.fetch = (input, init) => {
    if (String(input).includes('/users?')) asked.push(String(input));
    return server.fetch(input, init);
  };
  const Name = ({ id }: { readonly id: string | undefined }): ReactNode => useUser(id)?.name ?? '?';
  const all = [undefined, ada.user.id, ben.user.id, ben.user.id];
  const page = await mount(
    client(ada, fetch),
    // biome-ignore lint/suspicious/noArrayIndexKey: they stay where they are
    all.map((id, i) => <Name key={i} id={id} />),
  );
  await pass(1000);
  expect(page.text()).toBe('?adabenben');
  expect(asked).toHaveLength(1);
});

test('people of a conversation: the same map until one of them is known', async () => {
  const { ada, ben, client, mount, pass, server } = stage();
  const seen: ReadonlyMap<string, unknown>[] = [];
  const Names = ({ ids }: { readonly ids: readonly string[] }): ReactNode => {
    const users = useUsers(ids);
    useEffect(() => void seen.push(users), [users]);
    return ids.map((id) => users.get(id)?.handle ?? '?').join();
  };
  const page = await mount(client(ada), <Names ids={[]} />);
  await page.show(<Names ids={[ben.user.id, ada.user.id, ben.user.id]} />);
  expect(page.text()).toBe('?,?,?');
  await pass(1000);
  expect(page.text()).toBe('ben,ada,ben');
  const before = seen.length;
  await page.show(<Names ids={[ada.user.id, ben.user.id]} />);
  expect([page.text(), seen.length]).toEqual(['ada,ben', before]);
  const cyd = server.addUser({ handle: 'cyd' }).user.id;
  await page.show(<Names ids={[cyd, ben.user.id]} />);
  expect(page.text()).toBe('?,ben');
  await pass(1000);
  expect(page.text()).toBe('cyd,ben');
});

test('P6: read while somebody looks and not before, without rendering for it', async () => {
  const { ada, ben, id, client, mount, pass, server } = stage();
  const { counts, reset, useCount } = commits();
  const Reads = ({ visible }: { readonly visible: boolean }): ReactNode => {
    useCount('reads');
    useMarkRead(id, visible);
    return String(visible);
  };
  const read = (): number => server.marks(id, ada.user.id).read;
  const page = await mount(client(ada), <Reads visible={false} />);
  server.post(id, ben.user.id, 'one');
  await pass(2000);
  expect(read()).toBe(0);
  await page.show(<Reads visible={true} />);
  await pass(2000);
  expect(read()).toBe(1);
  reset();
  server.post(id, ben.user.id, 'two');
  await pass(2000);
  expect(read()).toBe(2);
  expect(counts).toEqual({ reads: 0 });
  await page.show(<Reads visible={false} />);
  server.post(id, ben.user.id, 'three');
  await pass(2000);
  expect(read()).toBe(2);
});

test('drafts, members, and who is there', async () => {
  const { ada, ben, id, client, mount, pass, server } = stage();
  const chat = client(ada);
  const Write = (): ReactNode => {
    const [draft, setDraft] = useDraft(id);
    const members = useMembers(id);
    useEffect(() => setDraft({ text: 'well' }), [setDraft]);
    return `${draft?.text} ${members?.length} ${useConversation(undefined)} ${useClient() === chat}`;
  };
  const page = await mount(chat, <Write />);
  expect(page.text()).toBe('well undefined undefined true');
  await pass(1000);
  expect(page.text()).toBe('well 2 undefined true');
  expect(chat.conversations.get().items[0]?.draft).toEqual({ text: 'well' });
  expect(server.isMember(id, ben.user.id)).toBe(true);
});

test('who types is shown where the focus is', async () => {
  const { ada, ben, id, client, mount, pass, online } = stage();
  const Typing = ({ on }: { readonly on: boolean }): ReactNode => {
    useFocus(id, on);
    return useTyping(id).join();
  };
  const page = await mount(client(ada), <Typing on />);
  const other = await online(ben);
  await pass(1000);
  other.conversation(id).setTyping(true);
  await pass(100);
  expect(page.text()).toBe(ben.user.id);
  await pass(10_000);
  expect(page.text()).toBe('');
  await page.show(<Typing on={false} />);
  await pass(100);
  other.conversation(id).setTyping(true);
  await pass(100);
  expect(page.text()).toBe('');
  other.close();
});

test('two roots share a client: it is connected until the last of them goes', async () => {
  const { ada, id, client, mount, pass } = stage();
  const chat = client(ada);
  const [one, two] = [await mount(chat, <Messages id={id} />), await mount(chat, <Messages id={id} />)];
  await pass(1000);
  await one.unmount();
  await pass(1000);
  expect(chat.connection.get().name).toBe('online');
  await two.unmount();
  await pass(1000);
  expect(chat.connection.get().name).toBe('closed');
});

test('on a server it renders what is known, and without a provider it says what is missing', () => {
  const { ada, id, client } = stage();
  const State = (): ReactNode => `${useConnection().name} ${useTimeline(id).items.length}`;
  const html = renderToString(
    <ParleyProvider client={client(ada)}>
      <State />
    </ParleyProvider>,
  );
  expect(html).toBe('idle 0');
  expect(() => renderToString(<State />)).toThrow('<ParleyProvider');
});
