import { errorRow, type Failure, fail } from '../../schema/protocol/errors.ts';
import { KNOWS } from '../../schema/protocol/knows.ts';
import type { Limits } from '../../schema/protocol/limits.ts';
import type { UpOf } from '../../schema/protocol/up.ts';
import type { PullAnswer, WireEntry } from '../shared/rpc.ts';
import type { Connection } from './connection.ts';
import type { UserHost } from './host.ts';
import type { Inbox } from './inbox.ts';
import type { Preferences } from './prefs.ts';
import { ownReceipt, type Reports } from './reports.ts';
import { ResumeCalls } from './resume-calls.ts';
import type { NoteRow } from './store.ts';

/** A batch frame stays below this. */
const BATCH_BYTES = 60_000;
/** Bytes out at once before confirmations are waited for. */
const RESUME_WINDOW = 4_194_304;
const HEARTBEAT_MS = 15_000;

/** Conversations asked, besides those that are noted, by a device whose object crashed. */
const AFTER_CRASH = 32;

type Hello = UpOf<'hello'>;

interface Job {
  readonly row: NoteRow;
  readonly after: number | undefined;
}

/** Brings a device that says `hello` up to what changed since its cursor. */
export class Resumes {
  readonly #host: UserHost;
  readonly #inbox: Inbox;
  readonly #prefs: Preferences;
  readonly #reports: Reports;
  readonly #user: string;
  readonly #limits: Limits;
  readonly #drop: (c: Connection, failure: Failure) => void;
  /** Those that are not through, by connection. */
  readonly #running = new Map<number, ResumeCalls<Job>>();

  constructor(
    host: UserHost,
    inbox: Inbox,
    prefs: Preferences,
    reports: Reports,
    user: string,
    limits: Limits,
    /** Closes a connection. */
    drop: (c: Connection, failure: Failure) => void = () => {},
  ) {
    this.#host = host;
    this.#inbox = inbox;
    this.#prefs = prefs;
    this.#reports = reports;
    this.#user = user;
    this.#limits = limits;
    this.#drop = drop;
  }

  start(c: Connection, hello: Hello): void {
    const inbox = this.#inbox;
    // A cursor that means nothing here (the first of this device, or one never given out) is answered from everything.
    const everything =
      hello.cursor !== undefined &&
      (hello.cursor === 0 || !inbox.knows(c.device) || hello.cursor > inbox.notes.cursor);
    const since = hello.cursor;
    const lost = !everything && since !== undefined && inbox.lostTrackOf(c.device);
    c.knows = hello.knows ?? [];
    inbox.ready(c, Math.min(hello.cursor ?? inbox.notes.cursor, inbox.notes.cursor));
    const heads = new Map(Object.entries(hello.heads ?? {}));
    const jobs: Job[] = [];
    let detached = false;
    for (const row of inbox.notes.all()) {
      const isDetached = inbox.notes.isDetached(row) && row.ended === undefined;
      detached ||= isDetached;
      if (isDetached || (since !== undefined && (everything || row.note > since)))
        jobs.push({ row, after: heads.get(row.id) });
    }
    // What the conversations left undelivered in the same crash waits for their alarms, unless somebody asks.
    if (lost) jobs.push(...this.#usedLast(heads, jobs));
    const attach = inbox.notes.next();
    this.#host.send(c.socket, this.#welcome(c));
    // In the turn of the welcome: a change that comes while conversations are asked follows as a live frame.
    if (since !== undefined) this.#prefs.resume(c, everything ? -1 : since);
    this.#run(c, hello, jobs, attach, () => {
      if (detached) inbox.notes.attachedUpTo(attach);
    });
  }

  /** The conversations a device names last, which it used last, but for those that are asked anyway. */
  #usedLast(heads: ReadonlyMap<string, number>, jobs: readonly Job[]): Job[] {
    const asked = new Set(jobs.map(({ row }) => row.id));
    return [...heads]
      .filter(([id]) => !asked.has(id))
      .slice(-AFTER_CRASH)
      .flatMap(([id, after]) => {
        const row = this.#inbox.notes.row(id);
        return row && !row.ended ? [{ row, after }] : [];
      });
  }

  /** Says to a connection that was opened under another release what holds now. */
  welcomeAgain(c: Connection): void {
    if (!c.ready || !c.knows.includes('welcome.again')) return;
    this.#host.send(c.socket, this.#welcome(c));
    this.#inbox.pushes.keep(c);
  }

  #welcome(c: Connection): string {
    return JSON.stringify({
      type: 'welcome',
      user: this.#user,
      device: c.device,
      cursor: c.base,
      heartbeat: HEARTBEAT_MS,
      time: this.#host.now(),
      limits: this.#limits,
      knows: KNOWS,
    });
  }

  /**
   * `synced` comes when every conversation has answered; as soon as one fails or hangs it comes without it, since one that
   * can't be reached delays nobody. While that one is owed the client keeps its own cursor: one given now would be above
   * the conversation's note, and whatever cuts the line would lose it. When all is there `synced` comes again with the new
   * one, else a client that nobody writes to would ask for the same again each time.
   *
   * A reader that doesn't confirm what it got waits for its `synced`, which would only make it ask for more than it can
   * take; in the end it is closed, and goes on from what it has.
   */
  #run(c: Connection, hello: Hello, jobs: Job[], attach: number, attached: () => void): void {
    let owing = false;
    let full = false;
    const synced = (cursor: number): void =>
      this.#host.send(c.socket, `{"type":"synced","cursor":${cursor}}`);
    // A new device lists from `synced` on; what comes between its list and a late attach has to be sent to it too.
    const late = { ...hello, cursor: c.base };
    const calls = new ResumeCalls(this.#host, jobs, {
      ask: (job, done) => {
        const asking = owing ? late : hello;
        this.#pull(c, asking, job, attach, (ok) => {
          if (!this.#inbox.connection(c.socket)) return this.closed(c.socket);
          done(ok && !(owing && asking.cursor === undefined));
        });
      },
      full: () => {
        full = c.window >= (full ? RESUME_WINDOW / 2 : RESUME_WINDOW);
        return full;
      },
      stuck: () => this.#drop(c, fail('overloaded', 'too much was not confirmed; resume with your cursor')),
      owing: () => {
        owing = true;
        synced(c.base);
      },
      finished: () => {
        this.#running.delete(c.socket);
        attached();
        this.#inbox.synced(c);
        if (!owing || hello.cursor !== undefined) synced(this.#inbox.notes.cursor);
      },
    });
    this.#running.set(c.socket, calls);
    calls.pump();
  }

  /** Room again: go on where the window was full. */
  confirmed(c: Connection): void {
    this.#running.get(c.socket)?.pump();
  }

  /** The connection is gone, or its device: nothing more is asked or tried for it. */
  closed(socket: number): void {
    this.#running.get(socket)?.stop();
    this.#running.delete(socket);
  }

  #pull(c: Connection, hello: Hello, { row, after }: Job, attach: number, done: (ok: boolean) => void): void {
    if (row.ended) {
      if (hello.cursor !== undefined) this.#batch(c, row.id, [row.ended], row.ended.seq, after ?? 0);
      return done(true);
    }
    // A new device shows what it lists over HTTP; its conversations are attached all the same.
    const limit = hello.cursor === undefined ? 0 : (hello.limit ?? this.#limits.resumeMessages);
    const call = { user: this.#user, ...(after === undefined ? {} : { after }), limit, attach };
    this.#host.call(row.id, 'pull', call, (answer) => {
      if (!answer?.ok) return done(answer !== undefined && errorRow(answer.code).retry === 'never');
      if (this.#inbox.connection(c.socket) && hello.cursor !== undefined)
        this.#answered(c, row.id, after, answer);
      done(true);
    });
  }

  #answered(
    c: Connection,
    conversation: string,
    after: number | undefined,
    answer: Extract<PullAnswer, { ok: true }>,
  ): void {
    const { entries, head, receipts } = answer;
    const own = this.#reports.latest(conversation, answer.own, head);
    if (entries.length > 0 || after === undefined) this.#batch(c, conversation, entries, head, after ?? 0);
    for (const receipt of receipts) if (c.receipts.passes(receipt)) this.#host.send(c.socket, receipt);
    // Behind the entries it is about. What was read on one device is read on all, also on those that were away.
    if (own.read > 0)
      this.#host.send(c.socket, c.receipts.forward(ownReceipt(conversation, this.#user, own)));
  }

  /** Entries as one or more `batch` frames; a cut before the first is named. */
  #batch(
    c: Connection,
    conversation: string,
    entries: readonly WireEntry[],
    head: number,
    have: number,
  ): void {
    for (const frame of batches(conversation, entries, head, have)) this.#host.send(c.socket, frame.text);
    this.#inbox.pushes.expect(c, conversation, entries);
  }
}

/** Cuts entries into frames of at most about 60 kB. `have`: the position the receiver stands at. */
export function batches(
  conversation: string,
  entries: readonly WireEntry[],
  head: number,
  have: number,
): { text: string; last: number }[] {
  const frames: { text: string; last: number }[] = [];
  let texts: string[] = [];
  let bytes = 0;
  let gap = entries[0] !== undefined && entries[0].seq > have + 1 ? `,"gapBefore":${have}` : '';
  const flush = (last: number): void => {
    frames.push({
      text: `{"type":"batch","conversation":"${conversation}","entries":[${texts.join(',')}],"head":${head}${gap}}`,
      last,
    });
    texts = [];
    bytes = 0;
    gap = '';
  };
  for (const e of entries) {
    const size = e.json.length * (/[\u0080-\uffff]/.test(e.json) ? 3 : 1);
    if (bytes > 0 && bytes + size > BATCH_BYTES) flush(e.seq - 1);
    texts.push(`{${e.json}`);
    bytes += size;
  }
  if (texts.length > 0 || frames.length === 0) flush(entries.at(-1)?.seq ?? 0);
  return frames;
}
