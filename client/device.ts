import type { Asking } from './asking.ts';
import type { EngineOptions } from './engine-types.ts';
import { cannotKeep, ParleyError } from './errors.ts';
import { openIndexedDb } from './indexed-db.ts';
import { Kept } from './kept.ts';
import type { Link } from './link.ts';
import type { Op, Waiting } from './outbox.ts';
import type { Parts } from './parts.ts';
import { failed, receive } from './receive.ts';
import type { Heard } from './saying.ts';
import type { Store } from './store.ts';
import { browserTabs, type TabMessage, type Tabs } from './tabs.ts';
import type { Clock, ConnectionState } from './types.ts';

export { openIndexedDb } from './indexed-db.ts';

/** The connected tab answers a new one in so many ms; one that is frozen doesn't. */
const ANSWER_MS = 300;

export interface DeviceOptions {
  readonly parts: Parts;
  readonly options: EngineOptions;
  readonly clock: Clock;
  readonly link: Link;
  readonly connect: () => void;
  /** What other tabs say is said here too. */
  readonly said: Heard;
  readonly ask: <T>(what: (asking: Asking) => Promise<T>) => Promise<T>;
  /** Tells everybody how the connection stands. */
  readonly tell: () => void;
}

/** What keeps things across restarts, and shares them with the other tabs of a browser. */
export interface Device {
  /** Reads the store, then connects, or follows the tab that is connected until it is gone. The answer ends it. */
  start(): () => void;
}

export function openDevice({ parts, options, clock, link, connect, tell, said, ask }: DeviceOptions): Device {
  const { logs, outbox, events, settle } = parts;
  const { store, tabs } = placeOf(options);
  const broken = (cause: unknown): void => events.emit('error', cannotKeep(cause));
  const kept = new Kept(parts, store, {
    kept: (id, last, quiet) => parts.confirmations.applied(id, last, parts.now(), quiet),
    written: settle,
    broken,
  });
  parts.kept = kept;
  if (tabs) parts.post = tabs.post;
  /** What the other tabs said before the store was read. */
  let early: TabMessage[] | undefined;
  let nobodyElse = (): void => {};
  let loading: Promise<void> | undefined;

  function start(): () => void {
    let stopped = false;
    const listening = tabs?.listen(heard);
    if (tabs) {
      kept.owner = false;
      follow({ name: 'connecting', attempt: 0 });
      for (const { op, at, order, tried } of outbox.all()) tabs.post({ type: 'op', op, at, order, tried });
    }
    const answered = settledTabs();
    early = [];
    loading ??= answered.then(() => kept.load()).catch(broken);
    const loaded = loading.then(() => {
      const waited = early ?? [];
      early = undefined;
      if (stopped) return;
      events.emit('loaded');
      events.emit('conversations');
      if (!tabs) own();
      for (const message of waited) heard(message);
    });
    const stepDown = tabs?.lead(() => {
      nobodyElse();
      void loaded.then(() => lead(() => stopped));
    });
    return () => {
      stopped = true;
      stepDown?.();
      listening?.();
    };
  }

  /** Resolves when the connected tab has written what it knows, when there is none, or when it doesn't answer. */
  function settledTabs(): Promise<void> {
    if (!tabs) return Promise.resolve();
    tabs.post({ type: 'who' });
    return new Promise((resolve) => {
      nobodyElse = resolve;
      clock.after(ANSWER_MS, resolve);
    });
  }

  async function lead(stopped: () => boolean): Promise<void> {
    if (stopped()) return;
    // What the tab before wrote last is there: it is gone.
    await kept
      .flush()
      .then(() => kept.loadOwn())
      .then(() => kept.catchUp())
      .catch(() => {});
    if (stopped()) return;
    // Of what was only told between tabs, by one that is gone too.
    for (const waiting of outbox.all()) kept.queued(waiting);
    await kept.flush();
    if (stopped()) return;
    parts.followed = undefined;
    parts.post({ type: 'here' });
    own();
  }

  function own(): void {
    // What was read while nobody was connected is known here alone.
    for (const conversation of kept.own()) {
      const seq = parts.conversations.get(conversation)?.read;
      if (seq) parts.post({ type: 'read', conversation, seq });
    }
    connect();
  }

  function follow(state: ConnectionState): void {
    parts.followed = state;
    events.emit('state', state);
  }

  function heard(message: TabMessage): void {
    // What is in the store comes first, or the news in it would look like history.
    if (early) {
      if (message.type === 'here') nobodyElse();
      return void early.push(message);
    }
    if (parts.followed) heardFollowing(message);
    else heardLeading(message);
    heardAnyway(message);
    settle();
  }

  function heardLeading(message: TabMessage): void {
    switch (message.type) {
      case 'who':
        void kept.flush().then(() => {
          parts.post({ type: 'here' });
          parts.post({ type: 'limits', limits: parts.limits });
          tell();
        });
        break;
      case 'up':
        if (link.linked) link.send(message.frame);
        break;
      case 'start':
        connect();
        break;
      case 'wake':
        link.event({ type: 'wake' });
    }
  }

  function heardFollowing(message: TabMessage): void {
    switch (message.type) {
      case 'state':
        if (message.state.name === 'online') logs.follow();
        follow(message.state);
        break;
      case 'frame':
        if (message.frame.type === 'synced') logs.follow();
        else receive(parts, message.frame);
        break;
      case 'tried':
        for (const clientId of message.clientIds) outbox.tried(clientId);
        break;
      case 'limits':
        parts.limits = message.limits;
        break;
      case 'listed':
        parts.listed = true;
        events.emit('conversations');
        break;
      case 'failed':
        refuse(message.clientId, new ParleyError(message.code, message.detail));
    }
  }

  function heardAnyway(message: TabMessage): void {
    switch (message.type) {
      case 'op':
        heardOp({ ...message, state: 'queued' });
        break;
      case 'cancel':
        // Whatever this tab thinks of it: the one that said it has taken it back.
        if (!said.cancelled(message.clientId) && parts.followed) outbox.done(message.clientId);
        break;
      case 'read':
        said.readTo(message.conversation, message.seq);
        break;
      case 'known':
        void ask(async ({ history }) => history.told(message.told)).catch(() => {});
        break;
      case 'draft':
        if (message.draft) parts.drafts.set(message.conversation, message.draft);
        else parts.drafts.delete(message.conversation);
        events.emit('draft', message);
    }
  }

  function heardOp(waiting: Waiting): void {
    const { op, at, tried, order } = waiting;
    const known = outbox.standing(op.clientId);
    // The connected tab has put it further back.
    if (known && typeof known.state === 'string' && known.order < order) outbox.done(op.clientId);
    if (outbox.add(op, at, tried || known?.tried, order)) {
      kept.knows(waiting);
      if (!parts.followed) placed(op);
    }
    events.emit('timeline', op);
  }

  /**
   * What comes after something was sent that was said later can only go behind it, and stays there: in another order
   * after a restart, what the service still holds back could overtake.
   */
  function placed(op: Op): void {
    const lane = outbox.waiting(op.conversation);
    const index = lane.findIndex((waiting) => waiting.op.clientId === op.clientId);
    const mine = lane[index];
    if (!mine || typeof mine.state !== 'string') return;
    const before = lane.slice(0, index).map(({ order }) => order);
    const last = [mine.order, ...before].sort().at(-1) ?? '';
    if (last === mine.order) return;
    // Right behind it: what was said after this one, and is heard next, still comes after both.
    const behind = `${last.split('/')[0]}/${mine.order}`;
    outbox.done(op.clientId);
    outbox.add(mine.op, mine.at, mine.tried, behind > last ? behind : `${last}/${mine.order}`);
    const now = outbox.standing(op.clientId);
    if (!now) return;
    kept.queued(now, true);
    parts.post({ type: 'op', op, at: now.at, tried: true, order: now.order });
  }

  function refuse(clientId: string, error: ParleyError): void {
    const standing = outbox.standing(clientId);
    if (standing) failed(parts, standing.op, error);
  }

  return { start };
}

/** Where a client keeps what it has, and whom it shares that with. */
function placeOf({ url, user, store, tabs }: EngineOptions): {
  store?: Store | undefined;
  tabs?: Tabs | undefined;
} {
  const name = `parley ${url}${user === undefined ? '' : ` ${user}`}`;
  const given = { store: store === 'memory' ? undefined : store, tabs: tabs === 'none' ? undefined : tabs };
  if (store || !globalThis.indexedDB) return given;
  return { store: openIndexedDb(name), tabs: tabs === undefined ? browserTabs(name) : given.tabs };
}
