import { handlesFor, type Line } from '../../bench/replay/lines.ts';
import {
  type Account,
  type Client,
  createAccount,
  createClient,
  type Observable,
  type PrefsChange,
  type TimelineState,
} from '../../client/index.ts';
import { type Talk, talksIn, theDay } from './log.ts';

export const PASSWORD = 'a password for pictures';

/** Somebody with an account, who can do everything the service allows. */
export interface Actor {
  readonly name: string;
  readonly handle: string;
  readonly account: Account;
  readonly client: Client;
}

/** The accounts and conversations all pictures are taken of. */
export interface Stage {
  /** Whose windows are photographed. */
  readonly me: Actor;
  /** Who has just signed up. */
  readonly newcomer: Actor;
  readonly group: string;
  readonly direct: string;
  /** With somebody whom `me` blocks. */
  readonly blocked: string;
}

/** Lines of the channel that become a group. */
const GROUP = { from: 380, to: 470 };
const MOST_TALKS = 9;

/** Lets people of the log sign up and say again what they said. */
export async function setStage(url: string): Promise<Stage> {
  const day = theDay();
  const talks = talksIn(day);
  const busiest = mostPartners(talks.flatMap(({ people }) => people));
  const own = talks.filter(({ people }) => people.includes(busiest)).slice(0, MOST_TALKS);
  const crowd = day.slice(GROUP.from, GROUP.to);
  const names = new Set([busiest, ...own.flatMap(({ people }) => people), ...crowd.map(({ from }) => from)]);
  const actors = await signUp(url, [...names]);
  const actor = (name: string): Actor => {
    const found = actors.get(name);
    if (!found) throw new Error(`${name} has no account`);
    return found;
  };
  const me = actor(busiest);

  const group = await begin(
    me,
    'group',
    [...names].filter((name) => name !== busiest).map(actor),
    'Ubuntu help',
  );
  const directs: { readonly id: string; readonly lines: readonly Line[] }[] = [];
  for (const { people, lines } of own) {
    const other = actor(people[0] === busiest ? people[1] : people[0]);
    directs.push({ id: await begin(me, 'direct', [other]), lines });
  }
  // The longest talk last, so that it stands at the top of the list.
  for (const { id, lines } of [...directs].reverse()) await say(id, lines, actor);
  await say(group, crowd, actor);
  const [first] = directs;
  const last = directs.at(-1);
  if (!first || !last) throw new Error(`${busiest} talks with nobody`);
  await arrange(
    me,
    group,
    directs.map(({ id }) => id),
  );
  const partner = (talk: Talk | undefined): Actor =>
    actor(talk?.people.find((name) => name !== busiest) ?? '');
  await block(me, partner(own.at(-1)));
  await answer(me, partner(own[0]), first.id);
  for (const device of ['Firefox on Windows', 'Safari on iPhone'])
    await createAccount({ url }).login({ handle: me.handle, password: PASSWORD, deviceName: device });
  const newcomer = await signUp(url, ['Nora Newcomer']).then((all) => all.get('Nora Newcomer'));
  if (!newcomer) throw new Error('nobody came');
  return { me, newcomer, group, direct: first.id, blocked: last.id };
}

function mostPartners(people: readonly string[]): string {
  const count = new Map<string, number>();
  for (const name of people) count.set(name, (count.get(name) ?? 0) + 1);
  return [...count].sort(([, a], [, b]) => b - a)[0]?.[0] ?? '';
}

async function signUp(url: string, names: readonly string[]): Promise<Map<string, Actor>> {
  const handles = handlesFor(names);
  const actors = new Map<string, Actor>();
  // One after the other: the service hashes one password at a time, and who waits too long is sent away.
  for (const name of names) {
    const account = createAccount({ url });
    const handle = handles.get(name) ?? name;
    await account.register({ handle, name, password: PASSWORD, deviceName: 'Chrome on Linux' });
    const client = createClient({ url, getToken: account.getToken });
    actors.set(name, { name, handle, account, client });
  }
  return actors;
}

async function begin(
  { client }: Actor,
  kind: 'direct' | 'group',
  others: readonly Actor[],
  title?: string,
): Promise<string> {
  const members = others.map(({ handle }) => `@${handle}`);
  const { id } = await client.createConversation({
    kind,
    members,
    ...(title === undefined ? {} : { title }),
  });
  return id;
}

async function say(id: string, lines: readonly Line[], actor: (name: string) => Actor): Promise<void> {
  for (const { from, text } of lines) {
    const content = { kind: 'text', text };
    await actor(from).client.api('POST', `/conversations/${id}/messages`, {
      clientId: crypto.randomUUID(),
      content,
    });
  }
}

/** How somebody keeps a list that is used every day: something pinned, something silent, something out of the way. */
async function arrange({ client }: Actor, group: string, directs: readonly string[]): Promise<void> {
  const set = (id: string | undefined, prefs: PrefsChange): Promise<unknown> =>
    client.api('PATCH', `/conversations/${id}/prefs`, prefs);
  await set(group, { mutedUntil: Date.now() + 8 * 3_600_000 });
  await set(directs.at(3), { pinned: true });
  await set(directs.at(1), { pinned: true });
  await set(directs.at(4), { unread: true });
  await set(directs.at(6), { archived: true });
  await set(directs.at(7), { archived: true });
}

/** What is done with messages beside saying them: an answer, an edit, a deletion, reactions, a link, code, reading. */
async function answer(me: Actor, other: Actor, id: string): Promise<void> {
  for (const { client } of [me, other]) client.start();
  await Promise.all([me.client.online(), other.client.online()]);
  const [mine, theirs] = [me.client.conversation(id), other.client.conversation(id)];
  const asked = await theirs.send('which command was it again, to see what is mounted?').acked;
  await mine.send('mount\nor, to see how full it all is:\n```\ndf -h\n```', { replyTo: asked.seq }).acked;
  const wrong = await mine.send('https://help.ubuntu.com/comunity/Fstab').acked;
  await mine.edit(wrong.seq, 'https://help.ubuntu.com/community/Fstab').acked;
  const twice = await mine.send('oops, wrong window').acked;
  await mine.remove(twice.seq).acked;
  const thanks = await theirs.send('that did it, thank you!').acked;
  await theirs.react(wrong.seq, '👍', true).acked;
  await mine.react(thanks.seq, '❤️', true).acked;
  await theirs.react(thanks.seq, '❤️', true).acked;
  const last = await mine.send('you are welcome').acked;
  for (const handle of [mine, theirs]) handle.read(last.seq);
  const read = ({ reached }: TimelineState): boolean => reached.read >= last.seq;
  await Promise.all([until(mine.timeline, read), until(theirs.timeline, read)]);
  await theirs.send('😀').acked;
  for (const { client } of [me, other]) client.close();
}

function until<T>(value: Observable<T>, fits: (now: T) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!fits(value.get())) return;
      off();
      resolve();
    };
    const off = value.subscribe(look);
    look();
  });
}

async function block({ client }: Actor, other: Actor): Promise<void> {
  await client.api('PUT', `/users/me/blocks/${other.account.session?.user.id}`);
}
