import { answer } from '../shared/answer.ts';
import type { ApiAnswer, HistoryCall } from '../shared/rpc.ts';
import type { Log } from './log.ts';
import type { Members } from './members.ts';
import type { Receipts } from './receipts.ts';
import type { ConversationRow, ConversationStore, EntryRow, MemberRow } from './store.ts';
import { entryJson, type WireContext, wireFor } from './wire.ts';

/** What members read: pages of history, the summary, the list of members. Each costs a page, however long the log is. */

/** Unread is exact up to this many messages after the read mark; beyond, one's own are counted too. */
const UNREAD_EXACT = 10_000;
/** Groups up to this size list their members in the summary. */
const SMALL_GROUP = 32;

export interface ViewContext {
  readonly row: ConversationRow;
  readonly store: ConversationStore;
  readonly log: Log;
  readonly members: Members;
  readonly receipts: Receipts;
  readonly wire: WireContext;
}

const hiddenFrom = (n: number) => (e: EntryRow) => e.hidden === n;

export function history(ctx: ViewContext, me: MemberRow, call: HistoryCall): ApiAnswer {
  const { store, wire, log } = ctx;
  const messagesOnly = call.view === 'messages';
  const page = (q: { after?: number; before?: number; limit: number; newest: boolean }): EntryRow[] =>
    store.range({ ...q, messagesOnly });
  const rows =
    call.after !== undefined
      ? page({ after: call.after, limit: call.limit, newest: false })
      : call.around !== undefined
        ? [
            ...page({ before: call.around, limit: call.limit >> 1, newest: true }),
            ...page({ after: call.around - 1, limit: call.limit - (call.limit >> 1), newest: false }),
          ]
        : page({
            ...(call.before === undefined ? {} : { before: call.before }),
            limit: call.limit,
            newest: true,
          });
  const texts = messagesOnly
    ? rows.filter((e) => !hiddenFrom(me.n)(e)).map((e) => `{${entryJson(e, wire, me.n)}`)
    : rows.map((e) => `{${wireFor(e, me.n, wire).json}`);
  return {
    ok: true,
    status: 200,
    body: `{"${messagesOnly ? 'messages' : 'entries'}":[${texts.join(',')}],"head":${log.head}}`,
  };
}

export function summary(ctx: ViewContext, me: MemberRow, status = 200): ApiAnswer {
  const { row, store, log, members, receipts, wire } = ctx;
  const mark = receipts.of(me.n);
  const listed = members.listed;
  const last = store
    .range({ limit: 50, newest: true, messagesOnly: true })
    .findLast((e) => e.hidden !== me.n);
  const fields = {
    id: row.name,
    kind: row.kind,
    mode: row.mode,
    title: row.title,
    memberCount: listed.length,
    members: listed.length <= SMALL_GROUP ? listed.map((m) => ({ user: m.user, role: m.role })) : undefined,
    head: log.head,
    delivered: mark.delivered,
    read: mark.read,
    unread: unread(ctx, me, mark.read),
    reached: receipts.reached(row.kind === 'direct', me.n),
    createdAt: row.createdAt,
  };
  const body = JSON.stringify(fields);
  return {
    ok: true,
    status,
    body: last ? `${body.slice(0, -1)},"last":{${entryJson(last, wire, me.n)}}` : body,
  };
}

function unread(ctx: ViewContext, me: MemberRow, read: number): number {
  if (ctx.log.head - read <= UNREAD_EXACT) return ctx.store.countFor(me.n, read, UNREAD_EXACT);
  return ctx.log.ordinal - (ctx.store.entry(read)?.ordinal ?? 0);
}

export function membersPage(ctx: ViewContext, after: string | undefined, limit: number): ApiAnswer {
  const from = after === undefined ? -1 : (ctx.members.byUser(after)?.n ?? -1);
  const rest = ctx.members.listed.filter((m) => m.n > from);
  const page = rest.slice(0, limit);
  return answer(200, {
    members: page.map((m) => ({ user: m.user, role: m.role, ...ctx.receipts.shown(m) })),
    next: rest.length > limit ? page.at(-1)?.user : undefined,
  });
}
