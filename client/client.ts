import type { Content } from '../schema/protocol/content.ts';
import { Alarm } from './alarm.ts';
import { autoTransport } from './auto-transport.ts';
import { systemClock } from './clock.ts';
import { Confirmations } from './confirmations.ts';
import type { Connection } from './connection.ts';
import { Conversations } from './conversations.ts';
import { Emitter } from './emitter.ts';
import { ParleyError } from './errors.ts';
import { History } from './history.ts';
import { createApi } from './http.ts';
import { Link } from './link.ts';
import { Logs } from './logs.ts';
import { delivery, NO_MARKS } from './marks.ts';
import { type Op, Outbox } from './outbox.ts';
import type { Parts } from './parts.ts';
import { added, asPending, failed, receive } from './receive.ts';
import { socketUrl } from './transport.ts';
import type { Client, ClientEvents, ClientOptions, ConnectionState, Sent } from './types.ts';
import { Waiters } from './waiters.ts';

const DEFAULTS = { limit: 100, window: 32, gather: 20, patience: 1000, keep: 5000, frameBytes: 65_536 };

/** A client for one device. Nothing happens before `start()`. */
export function createClient(options: ClientOptions): Client {
  const clock = options.clock ?? systemClock;
  const random = options.random ?? Math.random;
  const newId = options.newId ?? (() => crypto.randomUUID());
  const limit = options.limit ?? DEFAULTS.limit;
  const api = createApi(options);
  const parts: Parts = {
    logs: new Logs(
      {
        limit,
        reach: limit,
        patience: options.patience ?? DEFAULTS.patience,
        keep: options.keep ?? DEFAULTS.keep,
      },
      options.resume,
    ),
    outbox: new Outbox({ window: options.window ?? DEFAULTS.window, random }),
    confirmations: new Confirmations(options.gather ?? DEFAULTS.gather),
    conversations: new Conversations(),
    marks: new Map(),
    waiters: new Waiters(),
    events: new Emitter<ClientEvents>(),
    confirm: options.confirm ?? true,
    me: undefined,
    device: undefined,
    frameBytes: DEFAULTS.frameBytes,
  };
  const { logs, outbox, confirmations, conversations, events, waiters } = parts;
  const history = new History(parts, api, clock.now);
  for (const conversation of options.resume?.unconfirmed ?? []) {
    confirmations.applied(conversation, logs.of(conversation).last, clock.now());
  }
  let focused: string | null = null;
  let watched: readonly string[] = [];

  const link = new Link({
    url: socketUrl(options.url),
    getToken: options.getToken,
    transport: options.transport ?? autoTransport(),
    fetch: options.fetch,
    clock,
    random,
    hello: () => logs.hello(),
    onFrame: (frame) => receive(parts, frame, clock.now()),
    onState,
    onError: (error) => events.emit('error', error),
    onDone: settle,
  });
  const alarm = new Alarm(clock, () => {
    link.event({ type: 'tick' });
    settle();
  });

  // What was left out was not counted either.
  events.on('gap', ({ conversation }) => {
    if (conversations.get(conversation)) history.one(conversation).catch(() => {});
  });

  function onState(state: Connection, before: Connection): void {
    const wasUp = before.name === 'online' || before.name === 'connecting';
    if (wasUp && state.name !== 'online') {
      outbox.lost();
      logs.lost();
      confirmations.lost(clock.now());
    }
    if (state.name === 'online') {
      if (focused !== null) link.send({ type: 'focus', conversation: focused });
      if (watched.length > 0) link.send({ type: 'watch', users: [...watched] });
    }
    if (state.name === 'closed') abandon(state.reason === 'stopped' ? 'closed' : state.reason);
    events.emit('state', visible(state));
  }

  /** Does what is due and sets the clock for what is not. Every way into the client ends here. */
  function settle(): void {
    const now = clock.now();
    if (link.linked) {
      // During a resume too: the service waits for confirmations before it sends more.
      for (const frame of confirmations.flush(now)) link.send(frame);
      alarm.by(confirmations.deadline());
    }
    if (link.state.name === 'online') {
      for (const frame of outbox.flush(now)) link.send(frame);
      if (logs.deadline() <= now) pullHoles(now);
      alarm.by(Math.min(outbox.deadline(now), logs.deadline()));
    }
    const next = link.deadline();
    if (next !== Number.POSITIVE_INFINITY) alarm.by(next);
    else if (link.state.name === 'closed') alarm.clear();
  }

  function pullHoles(now: number): void {
    const { frames, gaps } = logs.pulls(now);
    for (const frame of frames) link.send(frame);
    for (const gap of gaps) added(parts, gap.conversation, gap.added, now);
  }

  function abandon(code: string): void {
    for (const op of outbox.all()) {
      outbox.done(op.clientId);
      failed(
        parts,
        op,
        new ParleyError(code, code === 'closed' ? 'The client was closed' : 'The session has ended'),
      );
    }
  }

  function submit(op: Op): Sent {
    const { clientId, conversation } = op;
    const acked = waiters.for(clientId);
    const bytes = new TextEncoder().encode(JSON.stringify(op)).length;
    // Room for `after`; a frame above the limit would be answered without our clientId.
    if (bytes + 100 > parts.frameBytes)
      failed(parts, op, new ParleyError('too_large', `at most ${parts.frameBytes} bytes`));
    else if (outbox.add(op)) {
      settle();
      events.emit('timeline', { conversation });
    }
    return { clientId, acked };
  }

  const withSettle = <T>(run: () => Promise<T>): Promise<T> => run().finally(settle);

  return {
    get state() {
      return visible(link.state);
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
    api,
    start: () => {
      link.event({ type: 'start' });
      settle();
    },
    close: () => {
      link.event({ type: 'stop' });
      settle();
    },
    network: (online) => {
      link.event({ type: 'network', online });
      settle();
    },
    wake: () => {
      link.event({ type: 'wake' });
      settle();
    },
    on: (event, handler) => events.on(event, handler),
    online: () => whenOnline(link, events),

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
    read(conversation, seq) {
      const timeline = logs.of(conversation);
      const now = clock.now();
      // Having shown the newest page is enough to have read: nobody scrolls through a thousand unread messages.
      confirmations.applied(conversation, timeline.last, now);
      confirmations.shown(conversation, seq, now);
      if (conversations.readUpTo(timeline, Math.min(seq, timeline.last), parts.me))
        events.emit('conversations', undefined);
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
        .pending(conversation)
        .map(asPending)
        .filter((message) => message !== undefined),
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
    loadOlder: (conversation, size = 50) => withSettle(() => history.older(conversation, size)),
    conversation: (id) => conversations.get(id),
    listConversations: (page) => withSettle(() => history.list(page)),
    loadConversation: (id) => withSettle(() => history.one(id)),
    createConversation: (what) => withSettle(() => history.create(what)),
    loadMembers: (conversation) => withSettle(() => history.members(conversation)),
  };

  function sendNow(frame: Parameters<Link['send']>[0]): void {
    if (link.state.name === 'online') link.send(frame);
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

function whenOnline(link: Link, events: Emitter<ClientEvents>): Promise<void> {
  return new Promise((resolve, reject) => {
    const off = events.on('state', look);
    look();
    function look(): void {
      const { name } = link.state;
      if (name === 'online') resolve();
      else if (name === 'closed') reject(new ParleyError('closed', 'The client was closed'));
      else if (name === 'needs-auth') reject(new ParleyError('unauthenticated', 'Log in again'));
      else return;
      off();
    }
  });
}
