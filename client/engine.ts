import type { Content } from '../schema/protocol/content.ts';
import type { Down } from '../schema/protocol/down.ts';
import type { Up } from '../schema/protocol/up.ts';
import { Alarm } from './alarm.ts';
import { autoTransport } from './auto-transport.ts';
import { systemClock } from './clock.ts';
import { Confirmations } from './confirmations.ts';
import type { Connection } from './connection.ts';
import { Conversations } from './conversations.ts';
import type { Device } from './device.ts';
import { Emitter } from './emitter.ts';
import type { Engine, EngineEvents, EngineOptions } from './engine-types.ts';
import { ParleyError } from './errors.ts';
import { History } from './history.ts';
import { createApi } from './http.ts';
import { keepNothing } from './keeping.ts';
import { Link } from './link.ts';
import { Logs } from './logs.ts';
import { delivery, NO_MARKS } from './marks.ts';
import { changed, isChange } from './message-state.ts';
import { Outbox } from './outbox.ts';
import type { Parts } from './parts.ts';
import { changePrefs } from './prefs.ts';
import { added, asUnsent, failed, receive } from './receive.ts';
import { saying } from './saying.ts';
import { socketUrl } from './transport.ts';
import type { ConnectionState, Prefs } from './types.ts';
import { Waiters } from './waiters.ts';

const DEFAULTS = { limit: 100, window: 32, gather: 20, patience: 1000, keep: 5000, frameBytes: 65_536 };
/** Entries of a timeline read from the store when somebody looks. */
const TAIL = 100;

/** What a client does, without observables. Nothing happens before `start()`. */
export function createEngine(options: EngineOptions): Engine {
  const clock = options.clock ?? systemClock;
  const random = options.random ?? Math.random;
  const newId = options.newId ?? (() => crypto.randomUUID());
  const limit = options.limit ?? DEFAULTS.limit;
  const api = createApi(options);
  const { store, tabs } = options;
  const events = new Emitter<EngineEvents>();
  const logs = new Logs({
    limit,
    reach: limit,
    patience: options.patience ?? DEFAULTS.patience,
    keep: options.keep ?? DEFAULTS.keep,
  });
  const outbox = new Outbox({ window: options.window ?? DEFAULTS.window, random });
  const confirmations = new Confirmations(options.gather ?? DEFAULTS.gather);
  const waiters = new Waiters();
  const conversations = new Conversations((conversation) => {
    parts.kept.conversation(conversation);
    events.emit('conversation', { conversation });
  });
  const nothing = keepNothing((conversation, last, quiet) =>
    confirmations.applied(conversation, last, clock.now(), quiet),
  );
  const parts: Parts = {
    logs,
    outbox,
    confirmations,
    conversations,
    marks: new Map(),
    mine: new Set(),
    waiters,
    events,
    drafts: new Map(),
    users: new Map(),
    listed: false,
    kept: nothing,
    loaded: undefined,
    followed: undefined,
    post: (message) => tabs?.post(message),
    confirm: options.confirm ?? true,
    now: clock.now,
    me: undefined,
    device: undefined,
    frameBytes: DEFAULTS.frameBytes,
  };
  const history = new History(parts, api);
  const { submit, retry, cancel, read } = saying(parts, () => state().name === 'online');
  if (options.resume) {
    const { cursor, heads, unconfirmed = [] } = options.resume;
    logs.restore(cursor, heads);
    for (const id of unconfirmed) confirmations.applied(id, logs.of(id).last, clock.now());
  }
  let focused: string | null = null;
  let watched: readonly string[] = [];
  let opening: Promise<Device> | undefined;
  let running: { stop(): void } | undefined;
  let startedAt = 0;
  /** The outbox may speak. */
  let open = false;
  /** Said to be the state while the device is opened, and while the link is made anew. */
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
    if (!parts.followed) parts.post({ type: 'failed', clientId, code: error.code, detail: error.message });
  });
  // What was left out was not counted either.
  events.on('gap', ({ conversation }) => {
    if (parts.followed || !conversations.get(conversation)) return;
    history.one(conversation).catch(() => events.emit('unlisted', { conversation }));
  });

  const state = (): ConnectionState => parts.followed ?? starting ?? visible(link.state);

  function onFrame(frame: Down): void {
    if (frame.type === 'welcome' && parts.me !== undefined && parts.me !== frame.user)
      return strange(frame.user);
    receive(parts, frame, clock.now());
    parts.kept.state();
    // A refusal is the business of whoever asked, and of the outbox here.
    if (frame.type !== 'error' && frame.type !== 'pong') parts.post({ type: 'frame', frame });
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
      for (const waiting of outbox.all()) parts.kept.queued(waiting);
      if (running) connect();
    };
    parts.kept.clear().then(again, again);
  }

  /** `since`: what was said from then on is this user's own. */
  function forget(since = Number.POSITIVE_INFINITY): void {
    outbox.clear(since);
    for (const part of [
      logs,
      confirmations,
      conversations,
      parts.marks,
      parts.mine,
      parts.drafts,
      parts.users,
    ])
      part.clear();
    parts.me = undefined;
    parts.device = undefined;
    parts.listed = false;
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
    if (!parts.kept.lasts || waiting.length === 0) open = true;
    else {
      for (const one of waiting) parts.kept.queued(one, true);
      parts.kept.flush().then(go, go);
    }
  }

  /** Nobody may wait forever for an answer that this client will not get. What waits stays in the outbox. */
  function giveUp(reason: string): void {
    waiters.rejectAll(
      reason === 'stopped'
        ? new ParleyError('closed', 'The client was closed')
        : new ParleyError(reason, 'The session has ended'),
    );
  }

  function tell(): void {
    const now = state();
    // Who closes speaks for itself: another tab goes on.
    if (running && !parts.followed) parts.post({ type: 'state', state: now });
    events.emit('state', now);
  }

  /** Does what is due and sets the clock for what is not. Every way into the client ends here. */
  function settle(): void {
    const now = clock.now();
    void parts.kept.flush();
    if (link.linked) {
      // During a resume too: the service waits for confirmations before it sends more.
      for (const frame of confirmations.flush(now)) link.send(frame);
      alarm.by(confirmations.deadline());
    }
    if (state().name === 'online') {
      if (open && !parts.followed) flushOutbox(now);
      if (logs.deadline() <= now) pullHoles(now);
      alarm.by(logs.deadline());
    }
    const next = link.deadline();
    if (next !== Number.POSITIVE_INFINITY) alarm.by(next);
    else if (state().name === 'closed') alarm.clear();
  }

  function flushOutbox(now: number): void {
    const sent = outbox.flush(now);
    if (sent.length > 0) parts.post({ type: 'tried', clientIds: sent.map(({ clientId }) => clientId) });
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

  function run(): void {
    startedAt = clock.now();
    let end: (() => void) | undefined;
    const mine = { stop: (): void => end?.() };
    running = mine;
    if (!store && !tabs) return connect();
    starting = { name: 'connecting', attempt: 0 };
    tell();
    opening ??= openedDevice();
    opening.then(
      (device) => {
        if (running !== mine) return;
        starting = undefined;
        end = device.start();
      },
      (cause) => {
        opening = undefined;
        if (running !== mine) return;
        starting = undefined;
        events.emit('error', new ParleyError('storage', 'This device can keep nothing', { cause }));
        connect();
      },
    );
  }

  async function openedDevice(): Promise<Device> {
    const { openDevice } = await import('./device.ts');
    return openDevice({
      parts,
      store,
      tabs,
      clock,
      link: {
        start: connect,
        wake: () => link.event({ type: 'wake' }),
        send: (frame) => link.linked && link.send(frame),
      },
      failure,
      changed,
      isChange,
      receive: (frame) => receive(parts, frame, clock.now()),
      refused(clientId, error) {
        const standing = outbox.standing(clientId);
        if (standing) failed(parts, standing.op, error);
      },
      cancel,
      read,
      told: (conversation) => history.told(conversation),
      tell,
      settle,
    });
  }

  /** Who looks before `start()` is shown what the store holds, too, as soon as it was read. */
  function loadedFirst(): Promise<void> | undefined {
    if (parts.loaded || !store) return parts.loaded;
    return new Promise((resolve) => {
      const off = events.on('loaded', () => {
        off();
        resolve();
      });
    });
  }

  function connect(): void {
    link.event({ type: 'start' });
    settle();
  }

  function showPrefs(id: string, prefs: Prefs | undefined): void {
    conversations.setPrefs(id, prefs);
    events.emit('conversations', undefined);
    settle();
  }

  const withSettle = <T>(run: () => Promise<T>): Promise<T> => run().finally(settle);
  const settled = <T>(done: T): T => {
    settle();
    return done;
  };

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
      return parts.listed;
    },
    set listed(on) {
      parts.listed = on;
      parts.kept.state();
      events.emit('conversations', undefined);
      parts.post({ type: 'listed' });
      settle();
    },
    get leading() {
      return parts.followed === undefined;
    },
    users: parts.users,
    api,
    start() {
      if (starting) return;
      if (running && parts.followed) parts.post({ type: 'start' });
      else if (running && state().name !== 'idle') connect();
      else if (!running) run();
    },
    close() {
      running?.stop();
      running = undefined;
      starting = undefined;
      parts.followed = undefined;
      link.event({ type: 'stop' });
      settle();
    },
    async clear() {
      this.close();
      forget();
      await (parts.kept === nothing ? store : parts.kept)?.clear();
      parts.kept = nothing;
      parts.loaded = undefined;
      opening = undefined;
    },
    kept: () => parts.kept.flush(),
    wake() {
      if (parts.followed) parts.post({ type: 'wake' });
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
      settled(
        submit({
          type: 'send',
          clientId,
          conversation,
          content: asContent(content),
          ...(replyTo === undefined ? {} : { replyTo }),
        }),
      ),
    edit: (conversation, seq, content) =>
      settled(submit({ type: 'edit', clientId: newId(), conversation, seq, content: asContent(content) })),
    remove: (conversation, seq) => settled(submit({ type: 'delete', clientId: newId(), conversation, seq })),
    react: (conversation, seq, emoji, on) =>
      settled(submit({ type: 'react', clientId: newId(), conversation, seq, emoji, on })),
    waitFor: (clientId) => ({ clientId, acked: waiters.for(clientId) }),
    retry(clientId) {
      retry(clientId);
      settle();
    },
    cancel(clientId) {
      // The other tab may be saying it at this moment.
      if (parts.followed?.name === 'online' && typeof outbox.standing(clientId)?.state === 'string')
        return false;
      if (!cancel(clientId)) return false;
      parts.post({ type: 'cancel', clientId });
      settle();
      return true;
    },
    read(conversation, seq) {
      read(conversation, seq);
      parts.post({ type: 'read', conversation, seq });
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

    draft: (conversation) => parts.drafts.get(conversation),
    setDraft(conversation, draft) {
      if (draft) parts.drafts.set(conversation, draft);
      else parts.drafts.delete(conversation);
      parts.kept.draft(conversation);
      events.emit('draft', { conversation });
      parts.post({ type: 'draft', conversation, draft });
      settle();
    },
    setPrefs: (id, change) =>
      changePrefs(api, id, conversations.get(id)?.prefs, change, clock.now(), (prefs) =>
        showPrefs(id, prefs),
      ),
    keepUsers(users) {
      for (const user of users) {
        parts.users.set(user.id, user);
        parts.kept.user(user);
      }
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
    if (parts.followed) parts.post({ type: 'up', frame });
    else link.send(frame);
  }
}

const failure = (...args: ConstructorParameters<typeof ParleyError>): ParleyError => new ParleyError(...args);

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
