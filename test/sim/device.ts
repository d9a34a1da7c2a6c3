import type { ApiAnswer, UserRequest } from '../../objects/shared/rpc.ts';
import type { SeenEntry, SeenReceipt } from './checks.ts';
import { DeviceLog } from './device-log.ts';
import { DeviceSends } from './device-sends.ts';
import { must } from './failure.ts';
import { Link } from './link.ts';
import { type Line, PollLine } from './poll-line.ts';
import { prefsText } from './user-node.ts';
import type { World } from './world.ts';

type Count = (way: 'live' | 'resumed' | 'acked' | 'prefs') => void;
export type Frame = { readonly type: string; readonly [field: string]: unknown };
/** What was said so shortly before a line ended is said again on the next. */
const DOUBTFUL_MS = 60_000;
const ENTRIES: ReadonlySet<string> = new Set([
  'message',
  'edit',
  'delete',
  'react',
  'member',
  'conversation',
  'withheld',
]);

/** A small faithful client: keeps its cursor, logs and outbox over connections, as the protocol says. */
export class Device {
  readonly user: string;
  readonly id: string;
  readonly #world: World;
  readonly logs = new Map<string, DeviceLog>();
  readonly sends: DeviceSends;
  /** Conversations it knows of, by whatever frame or list. */
  readonly told = new Set<string>();
  /** The user's own read marks, as this device knows them. */
  readonly read = new Map<string, number>();
  /** What was said to be read lately: a line that ended may have lost it. */
  readonly #saidRead = new Map<string, { seq: number; at: number }>();
  readonly #doubtful = new Map<string, number>();
  /** Preferences that are set, as text. */
  readonly prefs = new Map<string, string>();
  /** How new the preferences it holds are: of the moment their frame came, or their answer was asked for. */
  readonly #prefsOf = new Map<string, number>();
  #moment = 0;
  /** Conversations to confirm with the next gathering. */
  readonly #unconfirmed = new Set<string>();
  /** 0: wants everything; undefined: a new device that lists over HTTP. */
  #cursor: number | undefined;
  #line: Line | undefined;
  #synced = false;
  /** It began without a cursor, so no resume brings it everything: it lists. */
  readonly #lists: boolean;
  /** It came with a cursor, or has listed what there was before it. */
  #listed: boolean;
  #checking = false;
  #confirming = false;
  /** How each entry came: counted for the guards. */
  readonly #count: Count;

  constructor(world: World, user: string, id: string, fresh: boolean, count: Count) {
    this.#world = world;
    this.user = user;
    this.id = id;
    this.#cursor = fresh ? undefined : 0;
    this.#lists = fresh;
    this.#listed = !fresh;
    this.#count = count;
    this.sends = new DeviceSends(world, user, id, {
      line: () => this.#line,
      stored: (conversation, entry) => this.#stored(conversation, entry),
    });
  }

  get line(): Line | undefined {
    return this.#line;
  }

  /** Connected at both ends, and through with its resume. */
  get online(): boolean {
    return this.#line?.alive === true && this.#synced;
  }

  /** The read mark it says again with its next connection, since the last may have lost it; 0 for none. */
  saysAgain(conversation: string): number {
    return this.#doubtful.get(conversation) ?? 0;
  }

  log(conversation: string): DeviceLog {
    let log = this.logs.get(conversation);
    if (!log) {
      log = new DeviceLog(this.user);
      this.logs.set(conversation, log);
    }
    return log;
  }

  // ---- connection ----

  connect(limit?: number): void {
    if (this.#line) return;
    const { faults, rng } = this.#world;
    const line = faults.on && rng.chance(0.15) ? this.#startPolling() : this.#openSocket(limit);
    if (!line) return;
    this.#line = line;
    this.#synced = false;
    this.#world.watch(line);
  }

  #position(): { cursor?: number; heads: Record<string, number> } {
    const heads = [...this.logs].filter(([, log]) => log.last > 0).map(([id, log]) => [id, log.last]);
    return {
      ...(this.#cursor === undefined ? {} : { cursor: this.#cursor }),
      heads: Object.fromEntries(heads),
    };
  }

  #openSocket(limit: number | undefined): Line | undefined {
    const node = this.#world.user(this.user);
    const link = new Link(this.#world.clock, this.#world.rng, {
      up: (frame) => socket !== undefined && node.message(socket, frame),
      serverClosed: () => socket !== undefined && node.closed(socket),
      down: (frame) => this.#frame(link, JSON.parse(frame) as Frame),
      clientClosed: () => this.#closed(link),
    });
    const socket = node.accept(this.id, link);
    if (socket === undefined) return undefined;
    link.sendUp(
      JSON.stringify({ type: 'hello', ...this.#position(), ...(limit === undefined ? {} : { limit }) }),
    );
    return link;
  }

  #startPolling(): Line {
    const line: PollLine = new PollLine(this.#world, this.user, this.id, {
      position: () => this.#position(),
      down: (frame) => this.#frame(line, JSON.parse(frame) as Frame),
      closed: () => this.#closed(line),
    });
    return line;
  }

  disconnect(): void {
    const line = this.#line;
    if (!line) return;
    line.closeByClient();
    this.#closed(line);
  }

  #closed(line: Line): void {
    if (this.#line !== line) return;
    this.#line = undefined;
    this.#synced = false;
    const since = this.#world.clock.now - DOUBTFUL_MS;
    for (const [id, { seq, at }] of this.#saidRead) if (at >= since) this.#doubtful.set(id, seq);
    this.#saidRead.clear();
    this.sends.again();
  }

  #up(frame: Frame): void {
    this.#line?.sendUp(JSON.stringify(frame));
  }

  request(request: UserRequest, done: (answer: ApiAnswer | undefined) => void): void {
    const { network } = this.#world;
    network.call<ApiAnswer>(
      `worker:${this.id}`,
      this.user,
      (reply) => this.#world.user(this.user).request(this.id, request, reply),
      done,
    );
  }

  // ---- what comes ----

  #frame(line: Line, frame: Frame): void {
    if (this.#line !== line) return;
    this.#world.trace?.(() => `${this.id} down ${JSON.stringify(frame)}`);
    if (ENTRIES.has(frame.type)) return this.#live(frame as unknown as SeenEntry & { conversation: string });
    const conversation = frame['conversation'] as string;
    switch (frame.type) {
      case 'welcome':
        return this.sends.flush();
      case 'synced':
        return this.#resumed(frame['cursor'] as number);
      case 'batch':
        return this.#batch(conversation, frame);
      case 'ack':
        return this.sends.acked(conversation, frame);
      case 'receipt': {
        this.#world.checks.about(this.user, conversation, 0);
        const receipt = frame as unknown as SeenReceipt;
        if (receipt.user === this.user) this.#isRead(conversation, receipt.read);
        return this.#world.checks.receipt(this.user, conversation, receipt);
      }
      case 'prefs':
        return this.#prefsChanged(conversation, frame);
      case 'error':
        return this.#error(frame);
      default:
        must(false, 'P8', () => `unknown frame ${frame.type}`);
    }
  }

  #live(entry: SeenEntry & { conversation: string }): void {
    this.#moveCursor(entry['cursor'] as number);
    this.#count('live');
    this.#toldOf(entry.conversation);
    this.#see(entry.conversation, entry);
    this.log(entry.conversation).add(entry);
    this.#got(entry.conversation);
  }

  #prefsChanged(conversation: string, frame: Frame): void {
    this.#moveCursor(frame['cursor'] as number);
    this.#count('prefs');
    this.#world.checks.about(this.user, conversation, 0);
    this.#keepPrefs(conversation, frame['prefs'] as object, ++this.#moment);
  }

  /** Answers come in any order, and late: none takes the place of something newer. */
  #keepPrefs(conversation: string, prefs: object, moment: number): void {
    if (moment < (this.#prefsOf.get(conversation) ?? 0)) return;
    this.#prefsOf.set(conversation, moment);
    this.#world.checks.prefs(this.user, conversation, prefs);
    this.prefs.set(conversation, prefsText(prefs));
  }

  /** A cursor a device was given is never lowered: what it has would count as new, or the other way round. */
  #moveCursor(cursor: number): void {
    const repeated = this.#line?.repeats === true;
    const before = this.#cursor ?? 0;
    must(repeated || cursor >= before, 'P4', () => `${this.id} had cursor ${before}, gets ${cursor}`);
    this.#cursor = Math.max(before, cursor);
  }

  #see(conversation: string, entry: SeenEntry): void {
    this.#world.checks.seen(this.user, conversation, entry);
  }

  #batch(conversation: string, frame: Frame): void {
    const entries = frame['entries'] as SeenEntry[];
    this.#toldOf(conversation);
    this.#world.checks.about(this.user, conversation, 0);
    for (const entry of entries) {
      this.#count('resumed');
      this.#see(conversation, entry);
    }
    entries.forEach((e, i) => {
      must(i === 0 || e.seq === (entries[i - 1] as SeenEntry).seq + 1, 'P2', () => `batch with a hole`);
    });
    this.log(conversation).batch(entries, frame['head'] as number, frame['gapBefore'] as number | undefined);
    this.#got(conversation);
  }

  #resumed(cursor: number): void {
    this.#moveCursor(cursor);
    this.#synced = true;
    for (const [id, seq] of this.#doubtful) this.#sayRead(id, seq);
    this.#doubtful.clear();
    if (!this.#listed) this.#list();
    this.#checkSoon();
  }

  /** A new device shows what it lists: the newest of each conversation. */
  #list(): void {
    const moment = ++this.#moment;
    this.request({ op: 'list', limit: 100 }, (answer) => {
      if (!answer?.ok) return this.#world.clock.after(1_000, () => this.#list());
      const { conversations, incomplete } = JSON.parse(answer.body) as {
        conversations: { id: string; head: number; read: number; prefs?: object }[];
        incomplete?: true;
      };
      if (incomplete) this.#world.clock.after(1_000, () => this.#list());
      else this.#listed = true;
      if (!incomplete) this.#unlist(new Set(conversations.map((c) => c.id)));
      for (const { id, head, read, prefs = {} } of conversations) {
        this.told.add(id);
        this.#isRead(id, read);
        this.#keepPrefs(id, prefs, moment);
        const log = this.log(id);
        log.head = Math.max(log.head, head);
      }
      this.#checkSoon();
    });
  }

  /** What a device that lists hears of wasn't in its list; what was set there before it came no frame brings. */
  #toldOf(conversation: string): void {
    if (this.#lists && !this.told.has(conversation)) this.#ask(conversation);
    this.told.add(conversation);
  }

  #ask(conversation: string): void {
    const moment = ++this.#moment;
    this.request({ op: 'get', conversation }, (answer) => {
      if (!answer || (!answer.ok && answer.code === 'unavailable'))
        return this.#world.clock.after(1_000, () => this.#ask(conversation));
      if (!answer.ok) return;
      const { read, prefs = {} } = JSON.parse(answer.body) as { read: number; prefs?: object };
      this.#isRead(conversation, read);
      this.#keepPrefs(conversation, prefs, moment);
    });
  }

  /** What is not in the list this device is no member of, whatever it holds of it. */
  #unlist(listed: ReadonlySet<string>): void {
    for (const [id, log] of this.logs) if (!listed.has(id)) log.unlisted = true;
  }

  /** After something arrived: confirm it soon, and look for gaps. */
  #got(conversation: string): void {
    this.#unconfirmed.add(conversation);
    this.#checkSoon();
    if (this.#confirming) return;
    this.#confirming = true;
    this.#world.clock.after(this.#world.rng.int(5, 300), () => {
      this.#confirming = false;
      for (const id of this.#unconfirmed) this.confirm(id, this.#world.rng.chance(0.3));
      this.#unconfirmed.clear();
    });
  }

  confirm(conversation: string, read: boolean): void {
    const log = this.log(conversation);
    if (log.last === 0 || log.ended !== undefined) return;
    if (this.#world.silent === this.id && this.#world.faults.on) return;
    if (read) this.#sayRead(conversation, log.last);
    else this.#up({ type: 'received', conversation, seq: log.last });
  }

  #sayRead(conversation: string, seq: number): void {
    if (!this.#line) return;
    this.#isRead(conversation, seq);
    this.#saidRead.set(conversation, { seq, at: this.#world.clock.now });
    this.#up({ type: 'read', conversation, seq });
  }

  #isRead(conversation: string, seq: number): void {
    this.read.set(conversation, Math.max(this.read.get(conversation) ?? 0, seq));
  }

  /** What is missing for a second is pulled. */
  #checkSoon(): void {
    if (this.#checking) return;
    this.#checking = true;
    this.#world.clock.after(1_000, () => {
      this.#checking = false;
      let missing = false;
      for (const [conversation, log] of this.logs) {
        if (!log.behind) continue;
        missing = true;
        const before = log.firstEarly;
        const limit = this.#world.rng.int(2, 20);
        this.#up({ type: 'pull', conversation, after: log.last, limit, ...(before ? { before } : {}) });
      }
      if (missing && this.#line) this.#checkSoon();
    });
  }

  /** Pulls a piece of what an explicit cut left out. @returns whether there is such a piece. */
  pullGap(): boolean {
    for (const [conversation, log] of this.logs) {
      if (log.gone || log.ended !== undefined || log.gaps.size === 0) continue;
      const first = Math.min(...log.gaps);
      this.#up({ type: 'pull', conversation, after: first - 1, limit: 50 });
      return true;
    }
    return false;
  }

  /** An own entry, known from its acknowledgement. */
  #stored(conversation: string, entry: SeenEntry): void {
    this.#count('acked');
    this.#toldOf(conversation);
    this.log(conversation).add(entry);
    if (this.#world.confirmsOwn) this.#got(conversation);
  }

  /** Whoever uses it gives up what waits, which may be stored already. */
  cancel(): void {
    if (!this.#line) this.sends.cancel();
  }

  #error(frame: Frame): void {
    const code = frame['code'] as string;
    const conversation = frame['conversation'] as string | undefined;
    must(code !== 'bad_request' && code !== 'client_id_reused', 'P8', () => JSON.stringify(frame));
    if (conversation === undefined || this.sends.refused(conversation, frame)) return;
    if (code === 'not_found') this.log(conversation).giveUp();
  }
}
