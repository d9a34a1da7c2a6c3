import type { Infer } from '../../schema/protocol/check.ts';
import type { memberBody } from '../../schema/protocol/http-conversations.ts';
import { notFound } from './conversation.ts';
import { type Handlers, json, noContent } from './handlers.ts';
import { type Member, shownMark } from './members.ts';
import type { World } from './world.ts';

const detail = (member: Member) => ({ user: member.user, role: member.role, ...shownMark(member) });

/** Who is in a conversation. */
export function memberHandlers(world: World): Handlers {
  return {
    listMembers({ user }, { params: { c = '' }, query }) {
      const conversation = world.conversations.get(c);
      if (!conversation?.active(user)) return notFound();
      const { after, limit = world.limits.page } = query as { after?: string; limit?: number };
      const all = conversation.listed;
      const rest = all.slice(all.findIndex((member) => member.user === after) + 1);
      const members = rest.slice(0, limit);
      const next = rest.length > limit ? { next: members.at(-1)?.user } : {};
      return json(200, { members: members.map(detail), ...next });
    },

    setMember({ user }, { params: { c = '', u = '' }, body }) {
      const { role } = body as Infer<typeof memberBody>;
      const resolved = world.accounts.resolve([u]);
      if (!resolved.ok) return resolved;
      const [other = u] = resolved.value;
      const shunned = other !== user && world.mailbox(other).blocks.has(user);
      const conversation = world.conversations.get(c);
      if (!conversation) return notFound();
      const result = conversation.setMember(user, other, role, shunned, world.limits.groupMembers);
      return result.ok ? json(200, detail(result.member)) : result;
    },

    removeMember({ user }, { params: { c = '', u = '' } }) {
      const conversation = world.conversations.get(c);
      if (!conversation) return notFound();
      return conversation.removeMember(user, u) ?? noContent;
    },
  };
}
