import { type Failure, fail } from '../../schema/protocol/errors.ts';
import type { Role } from '../../schema/protocol/frames-log.ts';
import { DEFAULT_LIMITS } from '../../schema/protocol/limits.ts';
import { noContent } from '../shared/answer.ts';
import { exists, migrate } from '../shared/migrate.ts';
import type {
  ApiAnswer,
  AppendAnswer,
  AppendCall,
  ConversationCalls,
  CreateCall,
  HistoryCall,
  MarksAnswer,
  MarksCall,
  OpResult,
  PullAnswer,
  PullCall,
} from '../shared/rpc.ts';
import type { Sql } from '../shared/sql.ts';
import { BurstAlarm } from './burst-alarm.ts';
import { Delivery, type DeliveryContext } from './delivery.ts';
import { Fanout } from './fanout.ts';
import type { ConversationHost } from './host.ts';
import { Log } from './log.ts';
import { NO_MARK } from './marks.ts';
import { Members, mayChange, notFound } from './members.ts';
import { MIGRATIONS } from './migrations.ts';
import { Progress } from './progress.ts';
import { Receipts } from './receipts.ts';
import { Recent } from './recent.ts';
import { type ConversationRow, ConversationStore, type MemberRow } from './store.ts';
import { history, membersPage, summary } from './views.ts';
import { entryJson, type WireContext, wireFor } from './wire.ts';

/** Marks wait so long for an append or for each other before they cost a commit of their own. */
const MARKS_MS = { direct: 60, group: 200 } as const;
/** What a created conversation holds in memory. */
interface Loaded extends DeliveryContext {
  row: ConversationRow;
  readonly delivery: Delivery;
}

/**
 * The core of a ConversationObject: order, members, receipts, fan-out. Every method is one synchronous turn; what goes
 * out (answers, calls) goes out after the turn's commit. Knows no platform: `test/sim` runs it by the thousand.
 */
export class Conversation {
  readonly #sql: Sql;
  readonly #host: ConversationHost;
  readonly #most: number;
  #loaded: Loaded | undefined;
  readonly #alarm: BurstAlarm;
  #marksTimer = false;

  /** @param most members a group may have. */
  constructor(sql: Sql, host: ConversationHost, most: number = DEFAULT_LIMITS.groupMembers) {
    this.#sql = sql;
    this.#most = most;
    this.#host = host;
    this.#alarm = new BurstAlarm(host);
    if (!exists(sql)) return;
    migrate(sql, MIGRATIONS);
    const c = this.#load();
    // What a crash left needs no waiting for the alarm. Without one everything was found settled.
    if (this.#alarm.isSet) host.timer(0, () => c.delivery.pump());
  }

  #load(): Loaded {
    const store = new ConversationStore(this.#sql);
    const row = store.conversation();
    if (!row) throw new Error('conversation has tables but no row');
    const members = new Members(store);
    const fanout = new Fanout();
    const receipts = new Receipts(store, members, fanout);
    const log = new Log(store);
    for (const m of members.all) {
      const known = receipts.progress.of(m.n);
      const told = m.ended !== undefined && m.ended <= known.settled;
      if (m.shunned || told) continue;
      fanout.restore(m.n, Math.max(known.settled, m.joined - 1), known, m.ended, log.head);
    }
    const wire: WireContext = {
      conversation: row.name,
      userOf: members.userOf,
      message: (seq) => store.entry(seq),
    };
    const context = {
      row,
      direct: row.kind === 'direct',
      store,
      members,
      fanout,
      receipts,
      log,
      wire,
      recent: new Recent(),
    };
    const delivery = new Delivery(context, this.#host, {
      moved: () => this.#alarm.moved(context),
      overdue: () => this.#alarm.soon(),
    });
    this.#loaded = Object.assign(context, { delivery });
    return this.#loaded;
  }

  /** The conversation and the caller, if they are a member now; else the answer that tells nothing. */
  #as(user: string): { ok: true; c: Loaded; me: MemberRow } | Failure {
    const me = this.#loaded?.members.active(user);
    return this.#loaded && me ? { ok: true, c: this.#loaded, me } : notFound();
  }

  // ---- life ----

  create(call: CreateCall): ApiAnswer {
    if (this.#loaded) return this.#createdBefore(this.#loaded, call);
    this.#make(call, call.kind === 'direct' ? call.shunned : []);
    const c = this.#load();
    c.delivery.pump();
    const me = c.members.active(call.creator);
    return me ? summary(c, me, 201) : notFound();
  }

  #make(call: CreateCall, blocking: readonly string[]): void {
    const now = this.#host.now();
    if (call.members.length > call.shunned.length) this.#alarm.arm();
    this.#sql.transaction(() => {
      migrate(this.#sql, MIGRATIONS);
      const store = new ConversationStore(this.#sql);
      store.putConversation({
        name: call.id,
        kind: call.kind,
        mode: call.mode,
        title: call.title,
        createdAt: now,
      });
      call.members.forEach((user, n) => {
        const blocks = blocking.includes(user);
        store.putMember({
          n,
          user,
          role: call.kind === 'group' && user === call.creator ? 'owner' : 'member',
          joined: 0,
          ended: undefined,
          shunned: call.shunned.includes(user),
          blocks,
          shown: blocks ? NO_MARK : undefined,
        });
      });
      store.putProgress(-1, '[]', Progress.read(null, -1).text);
    });
  }

  /** The same pair, from either side, maybe at the same moment: one conversation. */
  #createdBefore(c: Loaded, call: CreateCall): ApiAnswer {
    const row = c.members.byUser(call.creator);
    // The id of a group is made for one creation: its creator again is a retry of a call whose answer got lost.
    if (!row || (!c.direct && row.n !== 0)) return fail('conflict', 'this id is taken');
    const isNew = row.shunned || !c.direct;
    if (c.direct && row.shunned) {
      this.#alarm.arm();
      this.#change(() => this.#open(c, row, call));
      c.delivery.pump();
    }
    const me = c.members.active(call.creator);
    return me ? summary(c, me, isNew ? 201 : 200) : notFound();
  }

  /** One of the pair asks for it: from here on it stands in their list, and in the other's unless they block. */
  #open(c: Loaded, row: MemberRow, call: CreateCall): void {
    if (c.members.all.every((m) => m.shunned)) {
      // Only a block made it so far. It begins now, and nothing about it tells of the block.
      c.row = { ...c.row, mode: call.mode, createdAt: this.#host.now() };
      c.store.putConversation(c.row);
    }
    this.#admit(c, { ...row, shunned: false });
    const other = c.members.other(row.n);
    if (other?.shunned && !other.blocks) this.#admit(c, { ...other, shunned: false });
  }

  // ---- messages ----

  append(call: AppendCall): AppendAnswer {
    const who = this.#as(call.user);
    if (!who.ok) return who;
    const { c, me } = who;
    const other = c.direct ? c.members.other(me.n) : undefined;
    const author = {
      n: me.n,
      user: me.user,
      moderates: !c.direct && me.role !== 'member',
      hiddenFrom: other?.blocks ? other.n : undefined,
      refused: me.blocks ? fail('blocked', 'you blocked this person; unblock them to write') : undefined,
    };
    this.#settle(c, me, call.settled);
    if (call.delivered !== undefined)
      c.receipts.add({ n: me.n, delivered: call.delivered, read: call.read ?? 0, done: () => undefined });
    const now = this.#host.now();
    const before = c.log.head;
    const results: OpResult[] = [];
    const changesOthers = call.ops.some((op) => op.type !== 'message');
    // Before anything is stored: what an exception leaves behind has its alarm too.
    this.#alarm.arm();
    const commit = this.#change(() => {
      for (const op of call.ops) {
        const done = c.log.append(op, author, now);
        if (!done.ok || 'held' in done) {
          results.push(done);
          continue;
        }
        const json = entryJson(done.row, c.wire, done.duplicate ? me.n : undefined);
        if (!done.duplicate) c.recent.add(done.row, json);
        const { seq, at } = done.row;
        results.push({ ok: true, seq, at, duplicate: done.duplicate, entry: json });
      }
      // Marks that wait ride along: one commit for both. Those of a group wait for each other instead: one row for many.
      return c.direct || call.delivered !== undefined ? c.receipts.apply(c.log.head) : undefined;
    }, changesOthers);
    const settled = c.fanout.lane(me.n)?.settled ?? 0;
    if (c.log.head > before) {
      c.fanout.own(me.n, before + 1, c.log.head, call.sole);
      this.#host.telemetry?.count('conversation.append', c.log.head - before);
    }
    if (commit) this.#shown(c, commit);
    c.delivery.pump();
    return { ok: true, kind: c.row.kind, results, head: c.log.head, settled };
  }

  /**
   * One transaction. Not `atomic`: the platform commits all writes of a turn together anyway, and what an exception
   * leaves behind is whole in itself and found by the retry. After an exception this core is dropped (`Turns`).
   */
  #change<T>(body: () => T, atomic = true): T {
    return atomic ? this.#sql.transaction(body) : body();
  }

  #settle(c: Loaded, me: MemberRow, upTo: number): void {
    c.fanout.settle(me.n, upTo, c.log.head, c.delivery.steady());
    this.#alarm.moved(c);
  }

  // ---- receipts ----

  /** `done` runs when the marks are durable. */
  marks(call: MarksCall, done: (answer: MarksAnswer) => void): void {
    const who = this.#as(call.user);
    if (!who.ok) return done(who);
    const { c, me } = who;
    this.#settle(c, me, call.settled);
    const mark = c.receipts.of(me.n);
    if (
      Math.min(call.delivered, c.log.head) <= mark.delivered &&
      Math.min(call.read, c.log.head) <= mark.read
    ) {
      c.delivery.settled();
      return done({ ok: true, head: c.log.head });
    }
    c.receipts.add({
      n: me.n,
      delivered: call.delivered,
      read: call.read,
      done: () => done({ ok: true, head: c.log.head }),
    });
    if (this.#marksTimer) return;
    this.#marksTimer = true;
    this.#host.timer(c.direct ? MARKS_MS.direct : MARKS_MS.group, () => {
      this.#marksTimer = false;
      const now = this.#loaded;
      if (now?.receipts.waiting)
        this.#shown(
          now,
          this.#change(() => now.receipts.apply(now.log.head)),
        );
    });
  }

  #shown(c: Loaded, commit: ReturnType<Receipts['apply']>): void {
    for (const done of commit.done) done();
    c.delivery.settled();
    const at = c.receipts.announce(commit.moved, c.direct, c.delivery.steady());
    if (at !== undefined) c.delivery.pumpAt(at);
  }

  // ---- the alarm ----

  /** The durable alarm rang. @param done when what it learned is durable. */
  alarm(done: () => void): void {
    const c = this.#loaded;
    if (!c) return done();
    this.#alarm.ring(c, c.delivery, () => c.receipts.save(c.log.head), done);
  }

  // ---- reading ----

  pull(call: PullCall): PullAnswer {
    const who = this.#as(call.user);
    if (!who.ok) return who;
    const { c, me } = who;
    const range = {
      ...(call.after === undefined ? {} : { after: call.after }),
      ...(call.before === undefined ? {} : { before: call.before }),
    };
    // A resume wants the newest; a pull behind a gap wants what follows it.
    const newest = call.attach !== undefined || call.after === undefined;
    const rows = c.store.range({ ...range, limit: call.limit, newest, messagesOnly: false });
    if (call.attach !== undefined) {
      c.fanout.attach(me.n, call.attach, c.log.head);
      // Durable before it is answered: a restart that took them for away would never call them again.
      if (c.receipts.progress.isAway(me.n)) c.receipts.save(c.log.head);
    }
    const own =
      c.store.sendersIn(c.receipts.of(me.n).delivered, c.log.head).find((s) => s.n === me.n)?.seq ??
      c.log.head;
    return {
      ok: true,
      kind: c.row.kind,
      entries: rows.map((e) => wireFor(e, me.n, c.wire)),
      head: c.log.head,
      receipts: c.receipts.frames(c.row.name, c.direct, me.n, own),
      own: c.receipts.of(me.n),
    };
  }

  history(call: HistoryCall): ApiAnswer {
    const who = this.#as(call.user);
    return who.ok ? history(who.c, who.me, call) : who;
  }

  summary(user: string): ApiAnswer {
    const who = this.#as(user);
    return who.ok ? summary(who.c, who.me) : who;
  }

  members(user: string, after: string | undefined, limit: number): ApiAnswer {
    const who = this.#as(user);
    return who.ok ? membersPage(who.c, after, limit) : who;
  }

  // ---- membership ----

  /** Adds somebody, or changes the role of a member. */
  setMember(by: string, user: string, role: Role | undefined, shunned: boolean): ApiAnswer {
    const who = this.#as(by);
    if (!who.ok) return who;
    const { c, me } = who;
    const row = c.members.byUser(user);
    let present = row && row.ended === undefined ? row : undefined;
    const asked = present && role !== undefined && role !== present.role;
    const refused = mayChange(c.row.kind, me, asked ? { type: 'role', role } : { type: 'add' }, present);
    if (refused) return refused;
    if (asked && present && c.members.isLastOwner(present))
      return fail('conflict', 'a group keeps an owner; make somebody else owner first');
    // Somebody who shunned an earlier invitation is invited anew; their place in the list stays.
    if (present?.shunned && !shunned) {
      const invited = { ...present, shunned: false, joined: c.log.head };
      this.#alarm.arm();
      this.#change(() => this.#admit(c, invited));
      present = invited;
    }
    c.delivery.pump();
    if (present && !asked) return noContentAs(200, c, present);
    if (!present && c.members.listed.length >= this.#most)
      return fail('too_large', `a group has at most ${this.#most} members`);
    if (!present && role !== undefined && role !== 'member' && me.role !== 'owner')
      return fail('forbidden', 'only an owner gives roles');
    const next = present
      ? { ...present, role: role ?? present.role }
      : c.members.joining(user, role ?? 'member', c.log.head, shunned);
    this.#record(c, me.n, { user, change: present ? 'role' : 'added', role: next.role }, () =>
      this.#admit(c, next),
    );
    return noContentAs(200, c, next);
  }

  removeMember(by: string, user: string): ApiAnswer {
    const who = this.#as(by);
    if (!who.ok) return who;
    const { c, me } = who;
    const row = c.members.byUser(user);
    const target = row && row.ended === undefined ? row : undefined;
    const refused = mayChange(c.row.kind, me, { type: 'remove' }, target);
    if (refused) return refused;
    if (!target) return fail('not_member', 'this person is not a member');
    const heir = c.members.heir(target);
    if (heir)
      this.#record(c, me.n, { user: heir.user, change: 'role', role: 'owner' }, () =>
        c.members.put({ ...heir, role: 'owner' }),
      );
    this.#record(c, me.n, { user, change: target.n === me.n ? 'left' : 'removed' }, (seq) => {
      c.members.put({ ...target, ended: seq });
      c.fanout.end(target.n, seq);
      // A restart that took them for away would not tell them.
      if (c.receipts.progress.isAway(target.n)) c.receipts.save(c.log.head);
    });
    return noContent;
  }

  rename(by: string, title: string): ApiAnswer {
    const who = this.#as(by);
    if (!who.ok) return who;
    const { c, me } = who;
    const refused = mayChange(c.row.kind, me, { type: 'rename' }, undefined);
    if (refused) return refused;
    const now = this.#host.now();
    this.#alarm.arm();
    this.#change(() => {
      const row = c.log.record(me.n, 'conversation', `"title":${JSON.stringify(title)}`, now);
      c.recent.add(row, entryJson(row, c.wire));
      c.row = { ...c.row, title };
      c.store.putConversation(c.row);
    });
    c.delivery.pump();
    return summary(c, me);
  }

  /** Puts a member's row and lane in place. Part of the caller's transaction. */
  #admit(c: Loaded, row: MemberRow): void {
    c.members.put(row);
    if (row.shunned) return;
    const lane = c.fanout.lane(row.n);
    if (!lane || lane.ended !== undefined) {
      // One entry back: a first call is owed, which tells the user's object; history before it is read, not delivered.
      c.fanout.open(row.n, row.joined - 1);
      // What is stored of them may be from an earlier membership.
      c.receipts.save(c.log.head);
    }
  }

  #record(c: Loaded, by: number, fields: Record<string, unknown>, also: (seq: number) => void): void {
    const now = this.#host.now();
    this.#alarm.arm();
    this.#change(() => {
      // The entry names its own number to `also`, so the member's row can point at it.
      also(c.log.head + 1);
      const row = c.log.record(by, 'member', JSON.stringify(fields).slice(1, -1), now);
      c.recent.add(row, entryJson(row, c.wire));
    });
    c.delivery.pump();
  }

  /** In the other's direct conversation: what they write from now on is withheld, for good. */
  setBlocked({ id, user, other, on }: Parameters<ConversationCalls['setBlocked']>[0]): ApiAnswer {
    if (!this.#loaded && on) {
      // There is nothing between them yet. The block is kept here all the same, where every send has to pass: whoever
      // asks for the conversation later, or is asking at this moment, finds it.
      const members = [other, user];
      this.#make({ id, kind: 'direct', mode: 'server', creator: other, members, shunned: members }, [user]);
      this.#load();
      return noContent;
    }
    const c = this.#loaded;
    const row = c?.members.byUser(user);
    if (!c || !row || !c.direct) return noContent;
    if (row.blocks === on && !(row.shunned && !on)) return noContent;
    const shown = on ? (row.shown ?? c.receipts.of(row.n)) : undefined;
    // Shunned it stays while the other hasn't asked for the conversation either.
    const shunned = row.shunned && (on || c.members.other(row.n)?.shunned === true);
    if (row.shunned && !shunned) this.#alarm.arm();
    this.#change(() => this.#admit(c, { ...row, blocks: on, shunned, shown }));
    c.delivery.pump();
    return noContent;
  }
}

function noContentAs(status: number, c: Loaded, m: MemberRow): ApiAnswer {
  return { ok: true, status, body: JSON.stringify({ user: m.user, role: m.role, ...c.receipts.shown(m) }) };
}
