import { describe, expect, test } from 'vitest';
import { look, world } from './support.ts';

/** A conversation of `count` messages, on the screen of somebody who has not seen it. */
async function opened(count: number, limits: Parameters<typeof world>[1] = {}) {
  const made = world(1, limits);
  const { clock, server, ada, ben, id, online } = made;
  for (let i = 1; i <= count; i++) server.post(id, ben.user.id, `${i}`);
  const client = await online(ada);
  const screen = look(client, id);
  await clock.waitFor(() => screen.state().ready);
  return { ...made, room: client.conversation(id), screen };
}

/** The first gap somebody sees. */
const gapOn = (screen: ReturnType<typeof look>) => screen.state().items.find((item) => item.type === 'gap');

describe('the timeline', () => {
  test('opens at the newest page, and pages back to the beginning', async () => {
    const { clock, server, ada, ben, id, online } = world();
    for (let i = 1; i <= 120; i++) server.post(id, ben.user.id, `${i}`);
    server.confirm(id, ada.user.id, 120, 'read');
    const client = await online(ada);
    const screen = look(client, id);
    expect(screen.state()).toMatchObject({ ready: false, start: false });
    await clock.waitFor(() => screen.state().ready);
    expect(screen.texts()).toEqual(Array.from({ length: 50 }, (_, i) => `${i + 71}`));
    const room = client.conversation(id);
    await clock.until(room.loadOlder());
    expect(screen.state()).toMatchObject({ start: false, loading: false });
    await clock.until(room.loadOlder());
    expect(screen.state()).toMatchObject({ start: true });
    expect(screen.texts()).toHaveLength(120);
    await clock.until(room.loadOlder());
    expect(screen.texts()).toHaveLength(120);
  });

  test('pages are as large as the service allows', async () => {
    const { clock, room, screen } = await opened(90, { page: 20 });
    await clock.until(room.loadAround(30));
    expect(screen.texts()[0]).toBe('21');
    for (let gap = gapOn(screen); gap; gap = gapOn(screen)) await clock.until(room.fill(gap, 'start'));
    while (!screen.state().start) await clock.until(room.loadOlder());
    expect(screen.texts()).toEqual(Array.from({ length: 90 }, (_, i) => `${i + 1}`));
  });

  test('P4: what is around an old message comes with an explicit gap, which fills from both ends', async () => {
    const { clock, server, ben, id, room, screen } = await opened(300);
    await clock.until(room.loadAround(100));
    expect(screen.texts()[0]).toBe('76');
    expect(screen.texts()[50]).toBe('gap 126-250');
    expect(screen.texts()[51]).toBe('251');
    await clock.until(room.fill({ from: 126, to: 250 }, 'start'));
    expect(screen.texts()[100]).toBe('gap 176-250');
    await clock.until(room.fill({ from: 176, to: 250 }, 'end'));
    expect(screen.texts()[100]).toBe('gap 176-200');
    await clock.until(room.fill({ from: 176, to: 200 }, 'end'));
    expect(screen.texts()).toEqual(Array.from({ length: 225 }, (_, i) => `${i + 76}`));
    // A message that comes meanwhile moves nothing of it.
    server.post(id, ben.user.id, 'new');
    await clock.advance(1000);
    expect(screen.texts()).toHaveLength(226);
  });

  test('jumping to the latest gives up what was loaded around old messages', async () => {
    const { clock, room, screen } = await opened(300);
    await clock.until(room.loadAround(20));
    expect(screen.state().items.some(({ type }) => type === 'gap')).toBe(true);
    room.jumpToLatest();
    expect(screen.texts()).toEqual(Array.from({ length: 50 }, (_, i) => `${i + 251}`));
  });

  test('what is let go leaves a gap, or history, and comes again as it was; the newest message stays', async () => {
    const { clock, server, ben, id, room, screen } = await opened(300);
    while (!screen.state().start) await clock.until(room.loadOlder());
    const all = screen.texts();
    await room.letGo({ from: 101, to: 200 });
    expect(screen.texts()).toEqual([...all.slice(0, 100), 'gap 101-200', ...all.slice(200)]);
    // Beside a gap, or over part of one, it is the gap that grows.
    await room.letGo({ from: 201, to: 210 });
    await room.letGo({ from: 91, to: 150 });
    expect(screen.texts()).toEqual([...all.slice(0, 90), 'gap 91-210', ...all.slice(210)]);
    // What isn't there changes nothing.
    for (const nothing of [
      { from: 120, to: 130 },
      { from: 5, to: 4 },
      { from: 300, to: 400 },
      { from: -9, to: 0 },
    ])
      await room.letGo(nothing);
    expect(screen.texts()).toEqual([...all.slice(0, 90), 'gap 91-210', ...all.slice(210)]);
    expect(screen.state().start).toBe(true);
    await room.letGo({ from: 0, to: 20 });
    expect(screen.texts()[0]).toBe('21');
    expect(screen.state().start).toBe(false);
    await room.letGo({ from: 211, to: 999 });
    expect(screen.texts().slice(-2)).toEqual(['gap 91-299', '300']);
    server.post(id, ben.user.id, 'new');
    await clock.advance(1000);
    expect(screen.texts().slice(-3)).toEqual(['gap 91-299', '300', 'new']);
    for (let gap = gapOn(screen); gap; gap = gapOn(screen))
      await clock.until(room.fill(gap, gap.from % 2 === 0 ? 'start' : 'end'));
    while (!screen.state().start) await clock.until(room.loadOlder());
    expect(screen.texts()).toEqual([...all, 'new']);
  });

  test('P4: a change that comes again, or after the message it changed, does not undo what came later', async () => {
    const { clock, server, ada, ben, id, online } = world();
    const benClient = await online(ben);
    const room = benClient.conversation(id);
    const { seq } = await clock.until(room.send('hello').acked);
    for (let i = 0; i < 100; i++) server.post(id, ben.user.id, `${i}`);
    await clock.until(room.react(seq, '👍', true).acked);
    for (let i = 0; i < 100; i++) server.post(id, ben.user.id, `${i}`);
    await clock.until(room.react(seq, '👍', false).acked);
    for (let i = 0; i < 200; i++) server.post(id, ben.user.id, `${i}`);
    const client = await online(ada, { page: 50 });
    const hers = client.conversation(id);
    const screen = look(client, id);
    const reactions = (of = screen): unknown => {
      const [message] = of.state().items;
      return message?.type === 'message' && message.seq === seq ? (message.reactions ?? {}) : message;
    };
    await clock.waitFor(() => screen.state().ready);
    await clock.until(hers.loadAround(seq));
    const fill = async (side: 'start' | 'end'): Promise<boolean> => {
      const gap = gapOn(screen);
      if (gap) await clock.until(hers.fill(gap, side));
      return gap !== undefined;
    };
    do expect(reactions()).toEqual({});
    while (await fill('start'));
    // Once more, from what is known by now.
    await hers.letGo({ from: 60, to: 300 });
    do expect(reactions()).toEqual({});
    while (await fill('start'));
    // Who saw it happen, and lets go of how it happened.
    const his = look(benClient, id);
    await clock.waitFor(() => his.state().ready);
    expect(reactions(his)).toEqual({});
    await room.letGo({ from: 60, to: 300 });
    await clock.until(room.fill({ from: 60, to: 300 }, 'start'));
    expect(reactions(his)).toEqual({});
    await clock.until(room.fill({ from: 110, to: 300 }, 'start'));
    expect(reactions(his)).toEqual({});
  });

  test('an edit of a message that is loaded later is in it', async () => {
    const { clock, server, ada, ben, id, online } = world();
    const benClient = await online(ben);
    const { seq } = await clock.until(benClient.conversation(id).send('frist').acked);
    for (let i = 1; i <= 200; i++) server.post(id, ben.user.id, `${i}`);
    await clock.until(benClient.conversation(id).edit(seq, 'first').acked);
    const client = await online(ada);
    const screen = look(client, id);
    await clock.waitFor(() => screen.state().ready);
    await clock.until(client.conversation(id).loadAround(1));
    expect(screen.texts()[0]).toBe('first');
  });
});
