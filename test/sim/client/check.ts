import type { Device, Said } from './program.ts';
import type { ClientWorld } from './run.ts';

/** Tabs hear of each other's sends in so many ms. */
const TELLING_MS = 50;

const name = ({ who, tabs }: Device): string => `${who.user.handle} ${who.device.id} (${tabs.length} tabs)`;

/** What is not as promised, as sentences; none when all is well. */
export async function violations({
  clock,
  server,
  devices,
  conversations,
  counts,
}: ClientWorld): Promise<string[]> {
  const found: string[] = [];
  const wrong = (id: string, what: string): void => void found.push(`${id}: ${what}`);
  const isMember = (conversation: string, user: string): boolean => {
    try {
      server.marks(conversation, user);
      return true;
    } catch {
      return false;
    }
  };

  for (const device of devices) {
    const { user } = device.who;
    // The in-memory server keeps a line that went silent: nobody tells it.
    if (
      !counts.silence &&
      server.connections(user.id) > devices.filter((other) => other.who.user.id === user.id).length
    )
      wrong('tabs', `${name(device)} has ${server.connections(user.id)} connections`);
    for (const said of device.said) {
      const seq = server.sent(said.conversation, user.id, said.clientId);
      const where = `${said.clientId} (${said.text})`;
      // A tab that was killed before its write was through took what it had not written along.
      const gone = said.send.state.get().name === 'cancelled';
      if (seq === undefined && !gone && device.tabs.some(({ client }) => knows(client, said)))
        wrong('stuck', `${where} was never sent: ${said.send.state.get().name}`);
      if (seq !== undefined && said.cancelled) wrong('cancel', `${where} was cancelled and stored`);
    }
    for (const conversation of conversations) {
      if (!isMember(conversation, user.id)) continue;
      const mine = device.said
        // What its tab could not keep, later runs know nothing of: it may still be on its way.
        .filter((said) => said.conversation === conversation && !device.unkept.has(said.clientId))
        .map(({ tab, at, clientId }) => ({ tab, at, seq: server.sent(conversation, user.id, clientId) ?? 0 }))
        .filter(({ seq }) => seq > 0);
      for (const [i, later] of mine.entries())
        for (const sooner of mine.slice(0, i))
          if (sooner.seq > later.seq && (sooner.tab === later.tab || later.at - sooner.at > TELLING_MS))
            wrong('P5', `${name(device)} in ${conversation}: ${JSON.stringify([sooner, later])}`);
      const log = server.log(conversation, user.id).filter((entry) => entry.type === 'message');
      if (new Set(log.map((entry) => `${entry.from} ${entry.clientId}`)).size !== log.length)
        wrong('P3', `${conversation} has something twice`);
      for (const [i, { client }] of device.tabs.entries()) {
        const where = `${name(device)} tab ${i} in ${conversation}`;
        const state = client.connection.get().name;
        if (state !== 'online') wrong('P4', `${where} is ${state}`);
        const room = client.conversation(conversation);
        const off = room.timeline.subscribe(() => {});
        await clock.advance(2000);
        for (let pages = 0; !room.timeline.get().start && pages < 200; pages++) {
          const gap = room.timeline.get().items.find((item) => item.type === 'gap');
          await clock.until(gap?.type === 'gap' ? room.fill(gap, 'end') : room.loadOlder());
        }
        for (let gap = gapOf(room); gap; gap = gapOf(room)) await clock.until(room.fill(gap, 'end'));
        const shown = room.timeline.get().items;
        const seqs = shown.flatMap((item) => (item.type === 'message' ? [item.seq] : []));
        if (seqs.join() !== log.map(({ seq }) => seq).join())
          wrong('P4', `${where} shows ${seqs.join(' ')}, not ${log.map(({ seq }) => seq).join(' ')}`);
        const waiting = shown.filter((item) => item.type === 'pending');
        if (waiting.length > 0) wrong('stuck', `${where} still shows ${JSON.stringify(waiting)}`);
        const last = log.at(-1);
        const item = client.conversation(conversation).info.get();
        if (last && item?.last?.seq !== last.seq)
          wrong('list', `${where}: last line is ${item?.last?.seq}, not ${last.seq}`);
        const read = server.marks(conversation, user.id).read;
        const unread = log.filter(({ seq, from }) => seq > read && from !== user.id).length;
        if (item && item.unread !== unread)
          wrong(
            'unread',
            `${where}: ${item.unread} unread, not ${unread}; read ${item.read} here, ${read} there`,
          );
        off();
      }
    }
    for (const told of device.told)
      if (new Set(told).size !== told.length)
        wrong('P4', `a tab of ${device.who.device.id} was told something twice`);
    // Taken back in one tab while another was saying it, it comes as news to both.
    const crossed = new Set(device.said.filter(isCancelled).map(({ clientId }) => clientId));
    const echoes = device.echoes.filter((clientId) => !device.unkept.has(clientId) && !crossed.has(clientId));
    if (echoes.length > 0) wrong('echo', `${name(device)} was told ${echoes.join(' ')}`);
    const rows = await device.store.read(['outbox']);
    if (rows.length > 0)
      wrong('stuck', `the outbox of ${device.who.device.id} still has ${rows.length} rows`);
  }
  return found;
}

const isCancelled = ({ send }: Said): boolean => send.state.get().name === 'cancelled';

type Room = ReturnType<ClientWorld['devices'][number]['tabs'][number]['client']['conversation']>;

const gapOf = (room: Room) => {
  const gap = room.timeline.get().items.find((item) => item.type === 'gap');
  return gap?.type === 'gap' ? gap : undefined;
};

const knows = (
  client: ClientWorld['devices'][number]['tabs'][number]['client'],
  { conversation, clientId }: { readonly conversation: string; readonly clientId: string },
): boolean => client.conversation(conversation).sent(clientId) !== undefined;
