import type { Engine } from './engine-types.ts';
import type { ParleyError } from './errors.ts';
import { Kept, type KeptTools } from './kept.ts';
import type { Parts } from './parts.ts';
import type { Store } from './store.ts';
import type { TabMessage, Tabs } from './tabs.ts';
import type { Clock, ConnectionState, Conversation } from './types.ts';

/** The connected tab answers a new one in so many ms; one that is frozen doesn't. */
const ANSWER_MS = 300;

/** What the core has is handed over and not imported, so that it stays one file that loads at once. */
export interface DeviceOptions extends KeptTools {
  readonly parts: Parts;
  readonly store: Store | undefined;
  readonly tabs: Tabs | undefined;
  readonly clock: Clock;
  /** What other tabs ask of the connection, should it be this tab's. */
  readonly link: {
    start(): void;
    wake(): void;
    send(frame: Extract<TabMessage, { type: 'up' }>['frame']): void;
  };
  readonly receive: (frame: Extract<TabMessage, { type: 'frame' }>['frame']) => void;
  readonly refused: (clientId: string, error: ParleyError) => void;
  /** What they say is said here too. */
  readonly cancel: (clientId: string) => boolean;
  readonly read: Engine['read'];
  readonly told: (conversation: Conversation) => void;
  /** Tells everybody how the connection stands. */
  readonly tell: () => void;
  readonly settle: () => void;
}

/** What keeps things across restarts, and shares them with the other tabs of a browser. */
export interface Device {
  /** Reads the store, then connects, or follows the tab that is connected until it is gone. The answer ends it. */
  start(): () => void;
}

export function openDevice(options: DeviceOptions): Device {
  const { parts, store, tabs, clock, link, tell, settle } = options;
  const { logs, outbox, events } = parts;
  const cannotKeep = (cause: unknown): void =>
    events.emit('error', options.failure('storage', 'This device can keep nothing', { cause }));
  const kept = new Kept(parts, options, store, {
    kept: parts.kept.mark,
    written: settle,
    broken: cannotKeep,
  });
  parts.kept = kept;
  /** What the other tabs said before the store was read. */
  let early: TabMessage[] | undefined;
  let nobodyElse = (): void => {};

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
    parts.loaded ??= answered.then(() => kept.load()).catch(cannotKeep);
    const loaded = parts.loaded.then(() => {
      const waited = early ?? [];
      early = undefined;
      if (stopped) return;
      events.emit('loaded', undefined);
      for (const conversation of kept.unlisted.splice(0)) events.emit('unlisted', { conversation });
      events.emit('conversations', undefined);
      if (!tabs) link.start();
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
      .catch(() => {});
    if (stopped()) return;
    kept.owner = true;
    // Of what was only told between tabs, by one that is gone too.
    for (const waiting of outbox.all()) kept.queued(waiting);
    await kept.flush();
    if (stopped()) return;
    parts.followed = undefined;
    parts.post({ type: 'here' });
    link.start();
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
          tell();
        });
        break;
      case 'up':
        link.send(message.frame);
        break;
      case 'start':
        link.start();
        break;
      case 'wake':
        link.wake();
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
        else options.receive(message.frame);
        break;
      case 'tried':
        for (const clientId of message.clientIds) outbox.tried(clientId);
        break;
      case 'listed':
        parts.listed = true;
        events.emit('conversations', undefined);
        break;
      case 'failed':
        options.refused(message.clientId, options.failure(message.code, message.detail));
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
        // Whatever this tab thinks of it: the one that said it has taken it back.
        if (!options.cancel(message.clientId) && parts.followed) outbox.done(message.clientId);
        break;
      case 'read':
        options.read(message.conversation, message.seq);
        break;
      case 'known':
        options.told(message.told);
        break;
      case 'draft':
        if (message.draft) parts.drafts.set(message.conversation, message.draft);
        else parts.drafts.delete(message.conversation);
        events.emit('draft', message);
    }
  }

  return { start };
}
