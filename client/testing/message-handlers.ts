import type { Infer } from '../../schema/protocol/check.ts';
import { fail } from '../../schema/protocol/errors.ts';
import type { sendBody } from '../../schema/protocol/http-conversations.ts';
import { type Conversation, notFound } from './conversation.ts';
import { messageFor, type Stored } from './entries.ts';
import { type Handlers, json } from './handlers.ts';
import type { Answer } from './http.ts';
import type { World } from './world.ts';

interface Page {
  readonly before?: number;
  readonly after?: number;
  readonly around?: number;
  readonly limit?: number;
}

/** Sending over HTTP, and history. */
export function messageHandlers(world: World): Handlers {
  const page = (
    user: string,
    id: string,
    query: Page,
    read: (conversation: Conversation, stretch: Parameters<Conversation['range']>[0]) => Stored[],
    show: (conversation: Conversation, rows: readonly Stored[]) => object,
  ): Answer => {
    const conversation = world.conversations.get(id);
    if (!conversation?.active(user)) return notFound();
    const { before, after, around, limit = world.limits.page } = query;
    const rows =
      around === undefined
        ? read(conversation, { before, after, limit, newest: after === undefined })
        : [
            ...read(conversation, { before: around, limit: limit >> 1, newest: true }),
            ...read(conversation, { after: around - 1, limit: limit - (limit >> 1), newest: false }),
          ];
    return json(200, { ...show(conversation, rows), head: conversation.head });
  };

  return {
    listMessages: ({ user }, { params: { c = '' }, query }) =>
      page(
        user,
        c,
        query as Page,
        (conversation, stretch) => conversation.messages(stretch),
        (_, rows) => ({
          messages: rows
            .filter(({ hiddenFrom }) => hiddenFrom !== user)
            .map((row) => messageFor(c, row, user)),
        }),
      ),

    listEntries: ({ user }, { params: { c = '' }, query }) =>
      page(
        user,
        c,
        query as Page,
        (conversation, stretch) => conversation.range(stretch),
        (conversation, rows) => ({ entries: rows.map(({ seq }) => conversation.entry(seq, user)) }),
      ),

    sendMessage({ user, device }, { params: { c = '' }, body }) {
      const { clientId, content, replyTo, after } = body as Infer<typeof sendBody>;
      const wait = world.mailbox(user).rates(device).sends.take(world.clock.now());
      if (wait > 0) return fail('rate_limited', 'too many sends', wait);
      return new Promise((done) => {
        const op = { type: 'message', clientId, content, replyTo, after } as const;
        world.sends.add(user, c, op, undefined, (result) => {
          if (!result.ok) return done(result);
          const { seq, at, duplicate } = result;
          done(json(duplicate ? 200 : 201, { seq, at, ...(duplicate ? { duplicate } : {}) }));
        });
      });
    },
  };
}
