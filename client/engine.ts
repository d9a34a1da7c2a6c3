import type { Content } from '../schema/protocol/content.ts';
import type { Down } from '../schema/protocol/down.ts';
import type { Up } from '../schema/protocol/up.ts';
import { Alarm } from './alarm.ts';
import { autoTransport } from './auto-transport.ts';
import { systemClock } from './clock.ts';
import { Confirmations } from './confirmations.ts';
import type { Connection } from './connection.ts';
import { Conversations } from './conversations.ts';
import { Emitter } from './emitter.ts';
import type { Engine, EngineEvents, EngineOptions, Sent } from './engine-types.ts';
import { ParleyError } from './errors.ts';
import { History } from './history.ts';
import { createApi } from './http.ts';
import { Kept } from './kept.ts';
import { Link } from './link.ts';
import { Logs } from './logs.ts';
import { delivery, NO_MARKS } from './marks.ts';
import { type Op, Outbox } from './outbox.ts';
import type { Parts } from './parts.ts';
import { changePrefs } from './prefs.ts';
import { added, asUnsent, failed, readUpTo, receive } from './receive.ts';
import type { TabMessage } from './tabs.ts';
import { socketUrl } from './transport.ts';
import type { ConnectionState, Prefs } from './types.ts';
import { Waiters } from './waiters.ts';

const DEFAULTS = { limit: 100, window: 32, gather: 20, patience: 1000, keep: 5000, frameBytes: 65_536 };
/** The connected tab answers a new one in so many ms; one that is frozen doesn't. */
const ANSWER_MS = 300;
/** Tabs hear each other in so many ms. */
const TELLING_MS = 50;
/** Entries of a timeline read from the store when somebody looks. */
const TAIL = 100;

/** What a client does, without observables. Nothing happens before `start()`. */
export function createEngine(options: EngineOptions): Engine {
  const clock = options.clock ?? systemClock;
  const random = options.random ?? Math.random;
  const newId = options.newId ?? (() => crypto.randomUUID());
  const limit = options.limit ?? DEFAULTS.limit;
  const api = createApi(options);
  const { tabs } = options;
  const events = new Emitter<EngineEvents>();
  const conversations = new Conversations((conversation) => {
    kept.conversation(conversation);
    events.emit('conversation', { conversation });
  });
  const logs = new Logs({
    limit,
    reach: limit,
    patience: options.patience ?? DEFAULTS.patience,
    keep: options.keep ?? DEFAULTS.keep,
  });
  const outbox = new Outbox({ window: options.window ?? DEFAULTS.window, random });
  const confirmations = new Confirmations(options.gather ?? DEFAULTS.gather);
  const waiters = new Waiters();
  const parts: Parts = {
    logs,
    outbox,
    confirmations,
    conversations,
    marks: new Map(),
    mine: new Set(),
    waiters,
    events,
    get kept() {
      return kept;
    },
    confirm: options.confirm ?? true,
    now: clock.now,
    me: undefined,
    device: undefined,
    frameBytes: DEFAULTS.frameBytes,
  };
  const kept = new Kept(parts, options.store, {
    kept: (conversation, last, quiet) => confirmations.applied(conversation, last, clock.now(), quiet),
    written: () => settle(),
    broken: (cause) =>
      events.emit('error', new ParleyError('storage', 'This device can keep nothing', { cause })),
  });
  const history = new History(parts, api, clock.now, (told) => tabs?.post({ type: 'known', told }));
  if (options.resume) {
    const { cursor, heads, unconfirmed = [] } = options.resume;
    logs.restore(cursor, heads);
    for (const id of unconfirmed) confirmations.applied(id, logs.of(id).last, clock.now());
  }
  let focused: string | null = null;
  let watched: readonly string[] = [];
  let loading: Promise<void> | undefined;
  /** The state of the tab that is connected, while this one isn't. */
  let followed: ConnectionState | undefined;
  let running: { stop(): void } | undefined;
  let startedAt = 0;
  /** The outbox may speak. */
  let open = false;
  /** What the other tabs said before the store was read. */
  let early: TabMessage[] | undefined;
  let nobodyElse = (): void => {};
  /** Said to be the state while the link is made anew. */
  let starting: ConnectionState | undefined;

  const link = new Link({
    url: socketUrl(options.url),
    getToken: options.getToken,
    transport: options.transport ?? autoTransport(),
    fetch: options.fetch,
    clock,
    random,
    hello: () => logs.hello(),
    onFrame,
    onState,
    onError: (error) => events.emit('error', error),
    onDone: settle,
  });
  const alarm = new Alarm(clock, () => {
    link.event({ type: 'tick' });
    settle();
  });

  events.on('failed', ({ clientId, error }) => {
    if (!followed) tabs?.post({ type: 'failed', clientId, code: error.code, detail: error.message });
  });
  // What was left out was not counted either.
  events.on('gap', ({ conversation }) => {
    if (followed || !conversations.get(conversation)) return;
    history.one(conversation).catch(() => events.emit('unlisted', { conversation }));
  });

  const state = (): ConnectionState => followed ?? starting ?? visible(link.state);

  function onFrame(frame: Down): void {
    if (frame.type === 'welcome' && parts.me !== undefined && parts.me !== frame.user)
      return strange(frame.user);
    receive(parts, frame, clock.now());
    kept.state();
    // A refusal is the business of whoever asked, and of the outbox here.
    if (frame.type !== 'error' && frame.type !== 'pong') tabs?.post({ type: 'frame', frame });
  }

  /** What is kept here is somebody else's, and must not be shown, nor sent in another name. */
  function strange(user: string): void {
    forget(startedAt);
    parts.me = user;
    // Nobody hears of the stop: to the app this is one connection that takes a little longer.
    starting = { name: 'connecting', attempt: 0 };
    link.event({ type: 'stop' });
    const again = (): void => {
      starting = undefined;
      for (const waiting of outbox.all()) kept.queued(waiting);
      if (running) connect();
    };
    kept.clear().then(again, again);
  }

  /** `since`: what was said from then on is this user's own. */
  function forget(since = Number.POSITIVE_INFINITY): void {
    logs.clear();
    outbox.clear(since);
    confirmations.clear();
    conversations.clear();
    parts.marks.clear();
    parts.mine.clear();
    parts.me = undefined;
    parts.device = undefined;
    events.emit('conversations', undefined);
  }

  function onState(now: Connection, before: Connection): void {
    const wasUp = before.name === 'online' || before.name === 'connecting';
    if (wasUp && now.name !== 'online') {
      outbox.lost();
      logs.lost();
      confirmations.lost(clock.now());
    }
    open = false;
    if (now.name === 'online') {
      release();
      if (focused !== null) link.send({ type: 'focus', conversation: focused });
      if (watched.length > 0) link.send({ type: 'watch', users: [...watched] });
    }
    if (now.name === 'closed' && !starting) giveUp(now.reason);
    tell();
  }

  /**
   * Lets the outbox speak. First it is kept that whatever waits may be at the service from now on: after a restart
   * nothing of it can be taken back as if nobody had heard it.
   */
  function release(): void {
    const waiting = outbox.all();
    const go = (): void => {
      open = state().name === 'online';
      settle();
    };
    if (!kept.store || waiting.length === 0) open = true;
    else {
      for (const one of waiting) kept.queued(one, true);
      kept.flush().then(go, go);
    }
  }

  /** Nobody may wait forever for an answer that this client will not get. What waits stays in the outbox. */
  function giveUp(reason: string): void {
    const stopped = reason === 'stopped';
    waiters.rejectAll(
      new ParleyError(
        stopped ? 'closed' : reason,
        stopped ? 'The client was closed' : 'The session has ended',
      ),
    );
  }

  function tell(): void {
    const now = state();
    // Who closes speaks for itself: another tab goes on.
    if (running && !followed) tabs?.post({ type: 'state', state: now });
    events.emit('state', now);
  }

  /** Does what is due and sets the clock for what is not. Every way into the client ends here. */
  function settle(): void {
    const now = clock.now();
    void kept.flush();
    if (link.linked) {
      // During a resume too: the service waits for confirmations before it sends more.
      for (const frame of confirmations.flush(now)) link.send(frame);
      alarm.by(confirmations.deadline());
    }
    if (state().name === 'online') {
      if (open && !followed) flushOutbox(now);
      if (logs.deadline() <= now) pullHoles(now);
      alarm.by(logs.deadline());
    }
    const next = link.deadline();
    if (next !== Number.POSITIVE_INFINITY) alarm.by(next);
    else if (state().name === 'closed') alarm.clear();
  }

  function flushOutbox(now: number): void {
    const sent = outbox.flush(now);
    if (tabs && sent.length > 0)
      tabs.post({ type: 'tried', clientIds: sent.map(({ clientId }) => clientId) });
    for (const frame of sent) link.send(frame);
    for (const conversation of new Set(sent.map((frame) => frame.conversation)))
      events.emit('timeline', { conversation });
    alarm.by(outbox.deadline(now));
  }

  function pullHoles(now: number): void {
    const { frames, gaps } = logs.pulls(now);
    for (const frame of frames) sendNow(frame);
    for (const gap of gaps) added(parts, gap.conversation, gap.added);
  }

  // ---- the tabs of a device ----

  function run(): void {
    let stopped = false;
    startedAt = clock.now();
    const listening = tabs?.listen(heard);
    let stepDown: (() => void) | undefined;
    running = {
      stop() {
        stopped = true;
        stepDown?.();
        listening?.();
      },
    };
    if (tabs) {
      kept.owner = false;
      followed = { name: 'connecting', attempt: 0 };
      events.emit('state', followed);
    } else if (!options.store) return connect();
    const answered = settledTabs();
    early = [];
    loading ??= answered
      .then(() => kept.load())
      .catch((cause) => {
        events.emit('error', new ParleyError('storage', 'This device can keep nothing', { cause }));
      });
    const loaded = loading.then(() => {
      const waited = early ?? [];
      early = undefined;
      if (stopped) return;
      events.emit('loaded', undefined);
      for (const conversation of kept.unlisted.splice(0)) events.emit('unlisted', { conversation });
      events.emit('conversations', undefined);
      if (!tabs) connect();
      for (const message of waited) heard(message);
    });
    stepDown = tabs?.lead(() => {
      nobodyElse();
      void loaded.then(() => !stopped && lead());
    });
  }

  /** Who looks before `start()` is shown what the store holds, too, as soon as it was read. */
  function loadedFirst(): Promise<void> | undefined {
    if (loading || !options.store) return loading;
    return new Promise((resolve) => {
      const off = events.on('loaded', () => {
        off();
        resolve();
      });
    });
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

  function lead(): void {
    // What the tab before wrote last is there: it is gone.
    kept
      .flush()
      .then(() => kept.loadOwn())
      .catch(() => {})
      .then(() => {
        if (!running || !followed) return;
        kept.owner = true;
        followed = undefined;
        // Of what was only told between tabs, by one that is gone too.
        for (const waiting of outbox.all()) kept.queued(waiting);
        connect();
      });
  }

  function connect(): void {
    link.event({ type: 'start' });
    settle();
  }

  function heard(message: TabMessage): void {
    // What is in the store comes first, or the news in it would look like history.
    if (early) {
      if (message.type === 'state') nobodyElse();
      return void early.push(message);
    }
    if (followed) heardFollowing(message);
    else heardLeading(message);
    heardAnyway(message);
    settle();
  }

  function heardLeading(message: TabMessage): void {
    switch (message.type) {
      case 'who':
        void kept.flush().then(tell);
        break;
      case 'up':
        if (link.linked) link.send(message.frame);
        break;
      case 'start':
      case 'wake':
        link.event({ type: message.type });
    }
  }

  function heardFollowing(message: TabMessage): void {
    switch (message.type) {
      case 'state':
        followed = message.state;
        if (message.state.name === 'online') logs.follow();
        events.emit('state', followed);
        break;
      case 'frame':
        if (message.frame.type === 'synced') logs.follow();
        else receive(parts, message.frame, clock.now());
        break;
      case 'tried':
        for (const clientId of message.clientIds) outbox.tried(clientId);
        break;
      case 'listed':
        kept.listed = true;
        events.emit('conversations', undefined);
        break;
      case 'failed':
        refuse(message.clientId, new ParleyError(message.code, message.detail));
    }
  }

  function heardAnyway(message: TabMessage): void {
    switch (message.type) {
      case 'op':
        if (outbox.add(message.op, message.at, message.tried, message.order))
          kept.knows({ ...message, state: 'queued' });
        events.emit('timeline', message.op);
        break;
      case 'cancel':
        if (!cancel(message.clientId) && followed) outbox.done(message.clientId);
        break;
      case 'read':
        read(message.conversation, message.seq);
        break;
      case 'known':
        history.told(message.told);
        break;
      case 'draft':
        kept.draft(message.conversation, message.draft);
        events.emit('draft', message);
    }
  }

  function refuse(clientId: string, error: ParleyError): void {
    const standing = outbox.standing(clientId);
    if (standing) failed(parts, standing.op, error);
  }

  // ---- what the app says ----

  function submit(op: Op): Sent {
    const { clientId, conversation } = op;
    const acked = waiters.for(clientId);
    const bytes = new TextEncoder().encode(JSON.stringify(op)).length;
    if (outbox.add(op, clock.now(), false, orderOf(op))) {
      // Room for `after`; a frame above the limit would be answered without our clientId.
      if (bytes + 100 > parts.frameBytes)
        failed(parts, op, new ParleyError('too_large', `at most ${parts.frameBytes} bytes`));
      else {
        queued(clientId, false);
        settle();
      }
      events.emit('timeline', { conversation });
    }
    return { clientId, acked };
  }

  /** The connected tab hears it a moment later, and what it says itself until then is sent first. */
  const orderOf = (op: Op): string => outbox.orderOf(op, clock.now() + (followed ? TELLING_MS : 0));

  /** Kept here, and told to the other tabs at once: this one may be gone before it is kept, and they keep it too. */
  function queued(clientId: string, tried: boolean): void {
    const waiting = outbox.standing(clientId);
    if (!waiting) return;
    kept.queued(waiting, tried || state().name === 'online');
    const { op, at, order } = waiting;
    tabs?.post({ type: 'op', op, at, order, tried });
  }

  function retry(clientId: string): void {
    const standing = outbox.standing(clientId);
    if (!standing || typeof standing.state === 'string') return;
    outbox.add(standing.op, clock.now(), true, orderOf(standing.op));
    queued(clientId, true);
    events.emit('timeline', standing.op);
  }

  function cancel(clientId: string): boolean {
    // The other tab may be saying it at this moment.
    const op = outbox.cancel(clientId);
    if (!op) return false;
    kept.settled(clientId);
    waiters.reject(clientId, new ParleyError('cancelled', 'It was taken back'));
    events.emit('timeline', op);
    return true;
  }

  function read(conversation: string, seq: number): void {
    const timeline = logs.of(conversation);
    const now = clock.now();
    // Having shown the newest page is enough to have read: nobody scrolls through a thousand unread messages.
    confirmations.applied(conversation, timeline.last, now);
    confirmations.shown(conversation, seq, now);
    kept.state();
    readUpTo(parts, conversation, Math.min(seq, timeline.last));
  }

  function showPrefs(id: string, prefs: Prefs | undefined): void {
    conversations.setPrefs(id, prefs);
    events.emit('conversations', undefined);
    settle();
  }

  const withSettle = <T>(run: () => Promise<T>): Promise<T> => run().finally(settle);

  return {
    get state() {
      return state();
    },
    get user() {
      return parts.me;
    },
    get device() {
      return parts.device;
    },
    get resume() {
      return { ...logs.resume, unconfirmed: confirmations.doubtful(clock.now()) };
    },
    get conversations() {
      return conversations.list;
    },
    get listed() {
      return kept.listed;
    },
    set listed(on) {
      kept.listed = on;
      kept.state();
      events.emit('conversations', undefined);
      tabs?.post({ type: 'listed' });
      settle();
    },
    get leading() {
      return followed === undefined;
    },
    users: kept.users,
    api,
    start() {
      if (running && followed) tabs?.post({ type: 'start' });
      else if (running && state().name !== 'idle') connect();
      else if (!running) run();
    },
    close() {
      running?.stop();
      running = undefined;
      followed = undefined;
      link.event({ type: 'stop' });
      settle();
    },
    async clear() {
      this.close();
      forget();
      await kept.clear();
      loading = undefined;
    },
    kept: () => kept.flush(),
    wake() {
      if (followed) tabs?.post({ type: 'wake' });
      else link.event({ type: 'wake' });
      settle();
    },
    network(online) {
      link.event({ type: 'network', online });
      settle();
    },
    on: (event, handler) => events.on(event, handler),
    online: () => whenOnline(state, events),

    send: (conversation, content, { replyTo, clientId = newId() } = {}) =>
      submit({
        type: 'send',
        clientId,
        conversation,
        content: asContent(content),
        ...(replyTo === undefined ? {} : { replyTo }),
      }),
    edit: (conversation, seq, content) =>
      submit({ type: 'edit', clientId: newId(), conversation, seq, content: asContent(content) }),
    remove: (conversation, seq) => submit({ type: 'delete', clientId: newId(), conversation, seq }),
    react: (conversation, seq, emoji, on) =>
      submit({ type: 'react', clientId: newId(), conversation, seq, emoji, on }),
    waitFor: (clientId) => ({ clientId, acked: waiters.for(clientId) }),
    retry(clientId) {
      retry(clientId);
      settle();
    },
    cancel(clientId) {
      // The other tab may be saying it at this moment.
      if (followed?.name === 'online' && typeof outbox.standing(clientId)?.state === 'string') return false;
      if (!cancel(clientId)) return false;
      tabs?.post({ type: 'cancel', clientId });
      settle();
      return true;
    },
    read(conversation, seq) {
      read(conversation, seq);
      tabs?.post({ type: 'read', conversation, seq });
      settle();
    },
    typing: (conversation, on) => sendNow({ type: 'typing', conversation, on }),
    focus(conversation) {
      focused = conversation;
      sendNow({ type: 'focus', conversation });
    },
    watch(users) {
      watched = users;
      sendNow({ type: 'watch', users: [...users] });
    },

    timeline: (conversation) => logs.of(conversation),
    pending: (conversation) =>
      outbox
        .waiting(conversation)
        .filter(({ state }) => typeof state === 'string')
        .map(({ op }) => asUnsent(op))
        .filter((message) => message !== undefined),
    waiting: (conversation) => outbox.waiting(conversation),
    standing: (clientId) => outbox.standing(clientId),
    marks: (conversation) => parts.marks.get(conversation) ?? NO_MARKS,
    delivery(conversation, seq) {
      const known = conversations.get(conversation);
      return delivery(
        parts.marks.get(conversation) ?? NO_MARKS,
        seq,
        parts.me,
        known && known.memberCount - 1,
      );
    },
    pull: (conversation, range) => sendNow({ type: 'pull', conversation, ...range }),
    async hold(conversation) {
      const timeline = logs.of(conversation);
      timeline.hold();
      await loadedFirst();
      if (timeline.entries.length === 0) await withSettle(() => history.stored(conversation, TAIL));
    },
    release: (conversation) => logs.of(conversation).release(),
    page: (conversation, range, size) => withSettle(() => history.page(conversation, range, size)),
    keepLatest(conversation) {
      if (logs.of(conversation).keepLatest()) events.emit('timeline', { conversation });
    },
    loadOlder: (conversation, size = 50) => withSettle(() => history.older(conversation, size)),

    draft: (conversation) => kept.drafts.get(conversation),
    setDraft(conversation, draft) {
      kept.draft(conversation, draft);
      kept.keepDraft(conversation);
      events.emit('draft', { conversation });
      tabs?.post({ type: 'draft', conversation, draft });
      settle();
    },
    setPrefs: (id, change) =>
      changePrefs(api, id, conversations.get(id)?.prefs, change, clock.now(), (prefs) =>
        showPrefs(id, prefs),
      ),
    keepUsers(users) {
      for (const user of users) kept.user(user);
      settle();
    },
    conversation: (id) => conversations.get(id),
    guessed: (id) => conversations.guessed(id),
    listConversations: (page) => withSettle(() => history.list(page)),
    loadConversation: (id) => withSettle(() => history.one(id)),
    createConversation: (what) => withSettle(() => history.create(what)),
    loadMembers: (conversation) => withSettle(() => history.members(conversation)),
  };

  function sendNow(frame: Up): void {
    if (state().name !== 'online') return;
    if (followed) tabs?.post({ type: 'up', frame });
    else link.send(frame);
  }
}

const asContent = (content: Content | string): Content =>
  typeof content === 'string' ? { kind: 'text', text: content } : content;

/** The machine's state without what is nobody's business. */
function visible(state: Connection): ConnectionState {
  switch (state.name) {
    case 'connecting':
      return { name: state.name, attempt: state.attempt };
    case 'reconnecting':
    case 'offline': {
      const { name, reason, attempt, at } = state;
      return { name, reason, attempt, at };
    }
    case 'closed':
      return { name: state.name, reason: state.reason };
    default:
      return { name: state.name };
  }
}

function whenOnline(state: () => ConnectionState, events: Emitter<EngineEvents>): Promise<void> {
  return new Promise((resolve, reject) => {
    const off = events.on('state', look);
    look();
    function look(): void {
      const { name } = state();
      if (name === 'online') resolve();
      else if (name === 'closed') reject(new ParleyError('closed', 'The client was closed'));
      else if (name === 'needs-auth') reject(new ParleyError('unauthenticated', 'Log in again'));
      else return;
      off();
    }
  });
}
