import type { Infer } from '../../schema/protocol/check.ts';
import { type Failure, fail } from '../../schema/protocol/errors.ts';
import type {
  Conversation as ConversationView,
  changeConversationBody,
  createBody,
  PrefsChange,
} from '../../schema/protocol/http-conversations.ts';
import { directId } from './blocks.ts';
import { Conversation, notFound } from './conversation.ts';
import { type Handlers, json } from './handlers.ts';
import type { Answer } from './http.ts';
import { newMember } from './members.ts';
import { createOutlet } from './outlet.ts';
import { randomId } from './random.ts';
import type { World } from './world.ts';

/** Groups up to this size list their members in the summary. */
const SMALL_GROUP = 32;

/** A conversation as one of its members sees it; undefined to everybody else. */
export function summary(world: World, id: string, user: string): ConversationView | undefined {
  const conversation = world.conversations.get(id);
  const me = conversation?.active(user);
  if (!conversation || !me) return undefined;
  const { kind, title, head, createdAt, listed } = conversation;
  const prefs = world.mailbox(user).prefs(id);
  const last = conversation.last(user);
  return {
    id,
    kind,
    mode: 'server',
    ...(title === undefined ? {} : { title }),
    memberCount: listed.length,
    ...(listed.length <= SMALL_GROUP
      ? { members: listed.map((member) => ({ user: member.user, role: member.role })) }
      : {}),
    head,
    ...me.mark,
    unread: conversation.unread(me),
    reached: conversation.reached(user),
    ...(prefs ? { prefs } : {}),
    createdAt,
    ...(last ? { last } : {}),
  };
}

export interface NewConversation {
  readonly kind: 'direct' | 'group';
  readonly creator: string;
  readonly others: readonly string[];
  readonly title?: string | undefined;
}

/** Makes it, or finds the direct one of the pair. */
export function createConversation(
  world: World,
  { kind, creator, others, title }: NewConversation,
): { readonly id: string; readonly isNew: boolean } {
  const direct = kind === 'direct';
  const id = direct ? directId(creator, others[0] ?? '') : `g_${randomId(world.random, 20)}`;
  const existing = world.conversations.get(id);
  if (existing) {
    const me = existing.member(creator);
    const isNew = me?.shunned === true;
    world.mailbox(creator).created(existing);
    if (me) existing.open(me);
    return { id, isNew };
  }
  const now = Math.floor(world.clock.now());
  const conversation = new Conversation(id, kind, title, now, createOutlet(world));
  world.conversations.set(id, conversation);
  world.mailbox(creator).created(conversation);
  const blocks = (user: string, of: string): boolean => world.mailbox(user).blocks.has(of);
  for (const user of [creator, ...others]) {
    const member = newMember(user, !direct && user === creator ? 'owner' : 'member', 0);
    member.shunned = user !== creator && blocks(user, creator);
    member.blocks = direct && blocks(user, user === creator ? (others[0] ?? '') : creator);
    if (member.blocks) member.frozen = member.mark;
    conversation.enter(member);
  }
  conversation.announce();
  return { id, isNew: true };
}

/** Conversations: their list, their summaries, titles and preferences. */
export function conversationHandlers(world: World): Handlers {
  const { limits, accounts } = world;
  const show = (id: string, user: string, status = 200): Answer => {
    const view = summary(world, id, user);
    return view ? json(status, view) : notFound();
  };

  return {
    createConversation({ user }, { body }) {
      const { kind, mode, title, members } = body as Infer<typeof createBody>;
      if (kind === 'channel') return fail('bad_request', 'kind: channels are not available yet');
      if (mode === 'encrypted')
        return fail('bad_request', 'mode: encrypted conversations are not available yet');
      const refs = [...new Set(members)];
      const most = kind === 'direct' ? 4 : 2 * limits.groupMembers;
      const tooMany = refs.length > most ? miscounted(kind, refs.length, limits.groupMembers) : undefined;
      if (tooMany) return tooMany;
      const resolved = accounts.resolve(refs);
      if (!resolved.ok) return resolved;
      const others = resolved.value.filter((other) => other !== user);
      const wrong = miscounted(kind, others.length, limits.groupMembers);
      if (wrong) return wrong;
      const { id, isNew } = createConversation(world, {
        kind,
        creator: user,
        others,
        // The title of a direct conversation is the other one's name, on each side.
        title: kind === 'direct' ? undefined : title,
      });
      return show(id, user, isNew ? 201 : 200);
    },

    listConversations({ user }, { query }) {
      const { limit = limits.page, before } = query as { limit?: number; before?: string };
      const all = world
        .mailbox(user)
        .current()
        .map((id) => summary(world, id, user))
        .filter((view) => view !== undefined)
        .map((view) => ({ key: listKey(view), view }))
        .sort((a, b) => (a.key < b.key ? 1 : -1));
      const rest = before === undefined ? all : all.filter(({ key }) => key < before);
      const page = rest.slice(0, limit);
      const next = rest.length > limit ? { next: page.at(-1)?.key } : {};
      return json(200, { conversations: page.map(({ view }) => view), ...next });
    },

    getConversation: ({ user }, { params: { c = '' } }) => show(c, user),

    changeConversation({ user }, { params: { c = '' }, body }) {
      const { title } = body as Infer<typeof changeConversationBody>;
      const conversation = world.conversations.get(c);
      if (!conversation) return notFound();
      return conversation.rename(user, title) ?? show(c, user);
    },

    changePrefs({ user }, { params: { c = '' }, body }) {
      if (!world.conversations.get(c)?.active(user)) return notFound();
      return json(200, world.mailbox(user).setPrefs(c, body as PrefsChange));
    },
  };
}

/** `others`: members besides the caller. */
function miscounted(kind: 'direct' | 'group', others: number, most: number): Failure | undefined {
  if (kind === 'direct') {
    return others === 1
      ? undefined
      : fail('bad_request', 'members: a direct conversation needs exactly one other user');
  }
  return others + 1 > most ? fail('too_large', `members: at most ${most}, you included`) : undefined;
}

/** Sorts by the last message's time, else the creation; also the cursor of a page. */
const listKey = ({ id, createdAt, last }: ConversationView): string =>
  `${String(last?.at ?? createdAt).padStart(15, '0')}-${id}`;
