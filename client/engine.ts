import type { Down } from '../schema/protocol/down.ts';
import { understands } from '../schema/protocol/knows.ts';
import type { Up } from '../schema/protocol/up.ts';
import { Alarm } from './alarm.ts';
import type { Asking } from './asking.ts';
import { autoTransport } from './auto-transport.ts';
import { NEVER, systemClock } from './clock.ts';
import { Confirmations } from './confirmations.ts';
import { type Connection, shown } from './connection.ts';
import { Conversations } from './conversations.ts';
import type { Device } from './device.ts';
import { Emitter } from './emitter.ts';
import type { Engine, EngineEvents, EngineOptions } from './engine-types.ts';
import { cannotKeep, closed, ParleyError } from './errors.ts';
import { later } from './later.ts';
import { Link } from './link.ts';
import { Logs } from './logs.ts';
import { Outbox } from './outbox.ts';
import type { Parts } from './parts.ts';
import { added, receive } from './receive.ts';
import { saying } from './saying.ts';
import { socketUrl } from './transport.ts';
import type { ConnectionState } from './types.ts';
import { Waiters } from './waiters.ts';

/** Entries of a timeline read from the store when somebody looks. */
const TAIL = 100;

/** What a client does, without observables. Nothing happens before `start()`. */
export function createEngine(options: EngineOptions): Engine {
  const { store, tabs = 'none', clock = systemClock, random = Math.random, limit = 100 } = options;
  const { keep = 5000, window = 32, gather = 20 } = options;
  const events = new Emitter<EngineEvents>();
  const logs = new Logs({ limit, keep, patience: 1000 });
  const outbox = new Outbox({ window, random });
  const confirmations = new Confirmations(gather);
  const waiters = new Waiters();
  const conversations = new Conversations((conversation) => {
    parts.kept?.conversation(conversation);
    events.emit('conversation', { conversation });
  });
  /** Something outlasts this program, or is shared with others. */
  const keeps = (store ?? globalThis.indexedDB ?? 'memory') !== 'memory' || tabs !== 'none';
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
    unlisted: new Set(),
    listed: false,
    kept: undefined,
    followed: undefined,
    state: () => parts.followed ?? starting ?? shown(link.state),
    post: () => {},
    settle,
    now: () => clock.now(),
    me: undefined,
    device: undefined,
    limits: {},
  };
  const { state } = parts;
  const loaded = keeps && new Promise<void>((resolve) => events.on('loaded', resolve));
  const said = saying(parts);
  const lasting = new Map<string, Up>();
  let asking: Asking | undefined;
  let device: Device | undefined;
  let running: { stop?: (() => void) | undefined } | undefined;
  let startedAt = 0;
  /** The outbox may speak. */
  let open = false;
  /** Said to be the state while the device is opened, and while the link is made anew. */
  let starting: ConnectionState | undefined;

  const link = new Link({
    ...options,
    transport: options.transport ?? autoTransport(),
    url: socketUrl(options.url),
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

  function onFrame(frame: Down): void {
    if (frame.type === 'welcome' && parts.me !== undefined && parts.me !== frame.user)
      return strange(frame.user);
    receive(parts, frame);
    parts.kept?.state();
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
      for (const waiting of outbox.all()) parts.kept?.queued(waiting);
      if (running) connect();
    };
    (parts.kept?.clear() ?? Promise.resolve()).then(again, again);
  }

  /** `since`: what was said from then on is this user's own. */
  function forget(since = NEVER): void {
    outbox.clear(since);
    const { marks, mine, drafts, users, unlisted } = parts;
    for (const part of [logs, confirmations, conversations, marks, mine, drafts, users, unlisted])
      part.clear();
    parts.me = undefined;
    parts.device = undefined;
    parts.listed = false;
    events.emit('forgotten');
    events.emit('conversations');
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
      for (const frame of lasting.values()) sendNow(frame);
    }
    // Nobody may wait forever for an answer that this client will not get. What waits stays in the outbox.
    if (now.name === 'closed' && !starting)
      waiters.rejectAll(
        now.reason === 'stopped' ? closed() : new ParleyError(now.reason, 'The session has ended'),
      );
    tell();
  }

  /**
   * Lets the outbox speak. First it is kept that whatever waits may be at the service from now on: after a restart
   * nothing of it can be taken back as if nobody had heard it.
   */
  function release(): void {
    const trying = parts.kept?.trying();
    open = !trying;
    trying?.finally(() => {
      open = state().name === 'online';
      settle();
    });
  }

  function tell(): void {
    // Who closes speaks for itself: another tab goes on.
    if (running && !parts.followed) parts.post({ type: 'state', state: state() });
    events.emit('state', state());
  }

  function settle(): void {
    const now = clock.now();
    void parts.kept?.flush();
    if (link.linked) {
      // During a resume too: the service waits for confirmations before it sends more.
      for (const frame of confirmations.flush(now)) link.send(frame);
      alarm.by(confirmations.deadline());
    }
    if (state().name === 'online') {
      if (open && !parts.followed) speak(now);
      const { frames, gaps } = logs.pulls(now);
      for (const frame of frames) sendNow(frame);
      for (const gap of gaps) added(parts, gap.conversation, gap.added);
      alarm.by(logs.deadline());
    }
    alarm.by(link.deadline());
    if (state().name === 'closed') alarm.clear();
  }

  function speak(now: number): void {
    const sent = outbox.flush(now);
    if (sent.length > 0) parts.post({ type: 'tried', clientIds: sent.map(({ clientId }) => clientId) });
    for (const frame of sent) link.send(frame);
    for (const conversation of new Set(sent.map((frame) => frame.conversation)))
      events.emit('timeline', { conversation });
    alarm.by(outbox.deadline(now));
  }

  function run(): void {
    startedAt = clock.now();
    const mine: typeof running = {};
    running = mine;
    if (!keeps) return connect();
    starting = { name: 'connecting', attempt: 0 };
    tell();
    opened()
      .catch((cause) => {
        events.emit('error', cannotKeep(cause));
        events.emit('loaded');
        return { start: connect };
      })
      .then(({ start }) => {
        if (running !== mine) return;
        starting = undefined;
        mine.stop = start();
      });
  }

  async function opened(): Promise<Device> {
    const { openDevice } = await later.device();
    device ??= openDevice({ parts, options, clock, link, connect, tell, said, ask });
    return device;
  }

  function connect(): undefined {
    link.event({ type: 'start' });
    settle();
  }

  function sendNow(frame: Up): void {
    if (state().name !== 'online') return;
    if (parts.followed) parts.post({ type: 'up', frame });
    else if (understands(outbox.knows, frame)) link.send(frame);
  }

  /** At once, if it is loaded. */
  const ask = <T>(what: (asking: Asking) => Promise<T>): Promise<T> =>
    asking ? what(asking) : loadedAsking().then(what);

  async function loadedAsking(): Promise<Asking> {
    const { Asking } = await later.asking().catch((cause) => {
      throw new ParleyError('network', 'A part of the client could not be loaded', { cause });
    });
    asking ??= new Asking(parts, options);
    return asking;
  }

  function close(): void {
    running?.stop?.();
    running = undefined;
    starting = undefined;
    parts.followed = undefined;
    link.event({ type: 'stop' });
    settle();
  }

  return {
    ...said,
    parts,
    ask,
    close,
    sendNow,
    start() {
      if (starting) return;
      if (running && parts.followed) parts.post({ type: 'start' });
      else if (running && state().name !== 'idle') connect();
      else if (!running) run();
    },
    async clear() {
      close();
      forget();
      if (keeps) await opened();
      await parts.kept?.clear();
      parts.kept = undefined;
      device = undefined;
    },
    wake() {
      if (parts.followed) parts.post({ type: 'wake' });
      else link.event({ type: 'wake' });
      settle();
    },
    network(online) {
      link.event({ type: 'network', online });
      settle();
    },
    sendAlways(frame) {
      lasting.set(frame.type, frame);
      sendNow(frame);
    },
    async hold(conversation) {
      const timeline = logs.of(conversation);
      timeline.hold();
      // Who looks before `start()` is shown what the store holds, too, as soon as it was read.
      await loaded;
      if (timeline.entries.length === 0 && parts.kept)
        await ask(({ history }) => history.stored(conversation, TAIL));
    },
  };
}
