import { type Failure, fail, laterRelease } from '../../schema/protocol/errors.ts';
import { answer, noContent } from '../shared/answer.ts';
import type { ApiAnswer, UserRequest } from '../shared/rpc.ts';
import type { UserHost } from './host.ts';
import type { Inbox } from './inbox.ts';
import type { Preferences } from './prefs.ts';
import type { Reports } from './reports.ts';
import type { SendDone, Sends } from './sends.ts';
import type { UserStore } from './store.ts';

type Request<O extends UserRequest['op']> = Extract<UserRequest, { op: O }>;
type Done = (result: ApiAnswer) => void;

/** Conversations asked for their summary when somebody lists them, and how many at a time. */
const LIST_MOST = 1_000;
const LIST_PARALLEL = 32;
const BLOCKS_MOST = 10_000;

const noConversation: Failure = fail('not_found', 'no such conversation');
const unreachable: Failure = fail('unavailable', 'this conversation can not be reached at the moment', 1);

/** What a device asks over HTTP. Messages take the same road as those from sockets. */
export class Requests {
  readonly #host: UserHost;
  readonly #inbox: Inbox;
  readonly #store: UserStore;
  readonly #prefs: Preferences;
  readonly #reports: Reports;
  readonly #user: string;
  readonly #sends: Sends;
  readonly #sent: (conversation: string, result: SendDone) => void;

  constructor(
    host: UserHost,
    inbox: Inbox,
    store: UserStore,
    prefs: Preferences,
    reports: Reports,
    user: string,
    sends: Sends,
    sent: (conversation: string, result: SendDone) => void,
  ) {
    this.#host = host;
    this.#inbox = inbox;
    this.#store = store;
    this.#prefs = prefs;
    this.#reports = reports;
    this.#user = user;
    this.#sends = sends;
    this.#sent = sent;
  }

  handle(request: UserRequest, done: Done): void {
    const user = this.#user;
    const relay = (result: ApiAnswer | undefined): void => done(result ?? unreachable);
    switch (request.op) {
      case 'check':
        return done(noContent);
      case 'send':
        return this.#send(request, done);
      case 'create':
        return this.#create(request, done);
      case 'list':
        return this.#list(request, done);
      case 'get':
        return this.#ask(request.conversation, this.#summary(request, done));
      case 'setPrefs':
        return this.#setPrefs(request, done);
      case 'history': {
        const { op: _, conversation, ...range } = request;
        return this.#host.call(conversation, 'history', { user, ...range }, relay);
      }
      case 'members': {
        const { conversation, after, limit } = request;
        return this.#host.call(
          conversation,
          'members',
          { user, limit, ...(after === undefined ? {} : { after }) },
          relay,
        );
      }
      case 'setMember':
        return this.#setMember(request, done);
      case 'removeMember':
        return this.#host.call(request.conversation, 'removeMember', { by: user, user: request.user }, relay);
      case 'rename':
        return this.#host.call(
          request.conversation,
          'rename',
          { by: user, title: request.title },
          this.#summary(request, done),
        );
      case 'blocks':
        return done(answer(200, { users: this.#store.blocked() }));
      case 'block':
        return this.#block(request, done);
      default:
        // From a Worker of a later release: else nobody would ever answer.
        return done(laterRelease());
    }
  }

  /** Asks for a summary. Where it doesn't know yet what was read a moment ago, that is told again when it does. */
  #ask(conversation: string, done: (result: ApiAnswer | undefined) => void): void {
    this.#reports.now(conversation);
    this.#host.call(conversation, 'summary', { user: this.#user }, (result) => {
      const marks = result?.ok ? this.#reports.marks(conversation) : undefined;
      if (marks && result?.ok && summaryOf(result.body).read < marks.read) this.#reports.owe(conversation);
      done(result);
    });
  }

  /** Hands on the summary that the conversation answers with, this user's preferences put in. */
  #summary({ conversation }: { readonly conversation: string }, done: Done) {
    return (result: ApiAnswer | undefined): void => {
      if (!result?.ok) return done(result ?? unreachable);
      done({ ...result, body: this.#prefs.into(result.body, conversation) });
    };
  }

  #setPrefs({ conversation, change }: Request<'setPrefs'>, done: Done): void {
    const { notes } = this.#inbox;
    const set = (): void => done(answer(200, this.#prefs.set(conversation, change)));
    const known = notes.row(conversation);
    if (known && !known.ended) return set();
    // Not told of yet, or again: a conversation that has just begun, or one this user knows nothing of.
    this.#ask(conversation, (result) => {
      if (!result?.ok) return done(result ?? unreachable);
      // It may have ended while this was under way.
      const now = notes.row(conversation);
      if (now?.ended && now.ended.seq !== known?.ended?.seq) return done(noConversation);
      set();
    });
  }

  #send({ conversation, message }: Request<'send'>, done: Done): void {
    this.#sends.add(conversation, message, JSON.stringify(message.content).length, (result) => {
      this.#sent(conversation, result);
      if (!result.ok) return done(result);
      const { seq, at, duplicate } = result;
      done(answer(duplicate ? 200 : 201, duplicate ? { seq, at, duplicate } : { seq, at }));
    });
  }

  #create({ kind, mode, title, members: given }: Request<'create'>, done: Done): void {
    const user = this.#user;
    const members = [...new Set([user, ...given])];
    const other = members[1];
    const direct = kind === 'direct';
    if (direct && (members.length !== 2 || other === undefined))
      return done(fail('bad_request', 'members: a direct conversation has one other member'));
    const id = direct && other !== undefined ? this.#host.directId(user, other) : `g_${this.#host.id()}`;
    this.#askBlocks(members.slice(1), (shunned) => {
      if (!shunned) return done(fail('unavailable', 'a member can not be reached at the moment', 1));
      const call = {
        id,
        kind,
        mode,
        ...(title === undefined ? {} : { title }),
        creator: user,
        members,
        shunned,
      };
      this.#host.call(id, 'create', call, (result) => {
        if (!result) return done(unreachable);
        if (result.ok) this.#inbox.created(id, kind, summaryOf(result.body).head);
        this.#summary({ conversation: id }, done)(result);
      });
    });
  }

  /** Which of these people block this user; undefined when one could not be asked. */
  #askBlocks(people: readonly string[], done: (shunned: string[] | undefined) => void): void {
    const shunned: string[] = [];
    let open = people.length;
    let failed = false;
    if (open === 0) return done(shunned);
    for (const other of people) {
      this.#host.blocks(other, this.#user, (blocks) => {
        if (blocks === undefined) failed = true;
        if (blocks) shunned.push(other);
        if (--open === 0) done(failed ? undefined : shunned);
      });
    }
  }

  #setMember({ conversation, user, role }: Request<'setMember'>, done: Done): void {
    this.#askBlocks(user === this.#user ? [] : [user], (shunned) => {
      if (!shunned) return done(fail('unavailable', 'this person can not be reached at the moment', 1));
      const call = {
        by: this.#user,
        user,
        shunned: shunned.length > 0,
        ...(role === undefined ? {} : { role }),
      };
      this.#host.call(conversation, 'setMember', call, (result) => done(result ?? unreachable));
    });
  }

  #block({ user: other, on }: Request<'block'>, done: Done): void {
    if (other === this.#user) return done(fail('bad_request', 'you can not block yourself'));
    if (on && this.#store.blocked().length >= BLOCKS_MOST)
      return done(fail('conflict', `at most ${BLOCKS_MOST} people can be blocked`));
    // Stored here first: from now on invitations go nowhere. The direct conversation, if there is one, learns it before
    // this is answered, so that nothing sent after the answer gets through.
    this.#store.setBlock(other, on);
    const direct = this.#host.directId(this.#user, other);
    this.#host.call(direct, 'setBlocked', { id: direct, user: this.#user, other, on }, (result) =>
      done(result ?? unreachable),
    );
  }

  /** Newest first, by what each conversation says now; a page costs a call per conversation, which a fresh device needs once. */
  #list({ limit, before }: Request<'list'>, done: Done): void {
    const rows = this.#inbox.notes
      .all()
      .filter((r) => r.ended === undefined)
      .sort((a, b) => b.at - a.at)
      .slice(0, LIST_MOST);
    const found: { key: string; id: string; body: string }[] = [];
    let next = 0;
    let open = 0;
    let failed = false;
    const finish = (): void => {
      if (failed && found.length === 0) return done(unreachable);
      found.sort((a, b) => (a.key < b.key ? 1 : -1));
      const rest = before === undefined ? found : found.filter((f) => f.key < before);
      const page = rest.slice(0, limit);
      const more = rest.length > limit ? `,"next":"${page.at(-1)?.key}"` : '';
      done({
        ok: true,
        status: 200,
        // What can't be reached is left out and said so: a new device would take the list for everything there is.
        body: `{"conversations":[${page.map((p) => this.#prefs.into(p.body, p.id)).join(',')}]${more}${failed ? ',"incomplete":true' : ''}}`,
      });
    };
    const step = (): void => {
      while (open < LIST_PARALLEL && next < rows.length) {
        const row = rows[next++];
        if (!row) break;
        open++;
        this.#ask(row.id, (result) => {
          open--;
          if (!result) failed = true;
          else if (result.ok) found.push({ key: listKey(result.body), id: row.id, body: result.body });
          step();
        });
      }
      if (open === 0 && next >= rows.length) {
        next = Number.MAX_SAFE_INTEGER;
        finish();
      }
    };
    step();
  }
}

/** Sorts by the last message's time, else the creation; also the cursor of a page. */
function listKey(body: string): string {
  const c = JSON.parse(body) as { id: string; createdAt: number; last?: { at: number } };
  return `${String(c.last?.at ?? c.createdAt).padStart(15, '0')}-${c.id}`;
}

const summaryOf = (body: string) => JSON.parse(body) as { readonly head: number; readonly read: number };
