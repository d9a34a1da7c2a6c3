import type { Random } from './random.ts';

/**
 * How badly things go by chance, from 0 (never, the default) to 1 (always). A line is one TCP connection, so nothing
 * overtakes on it, nothing on it comes twice, and nothing is lost on it alone: what fails takes the whole line with it.
 */
export interface FaultRates {
  /**
   * Per frame, either way: it never arrives, the line dies with it (close 1006) and with all that was under way behind
   * it. Per HTTP request: it is lost on the way there, or its answer on the way back; `fetch` rejects.
   */
  drop: number;
  /**
   * Per entry pushed: it is pushed again a moment later on the same line, as the service does when it starts again
   * and finds no confirmation. Per poll, GET or message sent over HTTP: the answer is lost and the request
   * repeated below `fetch`, as browsers and proxies do, so that the service gets it twice.
   */
  duplicate: number;
  /** Per `send`, `edit`, `delete`, `react` that is new: answered by `rate_limited` or `unavailable` instead of being stored. */
  refuse: number;
  /** Per HTTP request and upgrade with a token: the token counts as expired from then on. */
  expire: number;
  /**
   * Not a chance: the most ms that a frame, an HTTP request and the way of an entry to a member may take longer. The
   * order on one line stays; an `ack` may overtake entries of others, and one conversation another, as in the service.
   */
  delay: number;
}

export const NO_FAULTS: Readonly<FaultRates> = { drop: 0, duplicate: 0, refuse: 0, expire: 0, delay: 0 };

/** Which frame: `type` as in the protocol; `user`: whose line. Left out: any. */
export interface FrameFilter {
  readonly direction?: 'up' | 'down';
  readonly type?: string;
  readonly user?: string;
}

/** Which HTTP requests: the path begins with this, such as `/v1/conversations`. Left out: any. */
export interface HttpFilter {
  readonly method?: string;
  readonly path?: string;
}

/** `network`: `fetch` rejects. Else the answer is the problem of that code. */
export type HttpFailure = 'network' | 'unavailable' | 'overloaded' | 'internal' | 'rate_limited';

/** Switches for faults. Chances are drawn from the server's seed. */
export interface Faults extends FaultRates {
  /** Sets chances; those not named stay. */
  set(rates: Partial<FaultRates>): void;
  /** Ends all of it: chances, blocks, and one-shots that didn't come to pass. The service is up. */
  calm(): void;
  /** The next such frame kills its line instead of arriving. */
  dropNext(filter?: FrameFilter): void;
  /** The next entry that is pushed comes twice. */
  duplicateNext(): void;
  /** Ends every socket of this user (of everybody), as seen by the client: 1006 is a lost connection. */
  disconnect(user?: string, code?: number): void;
  /** The sockets of this user (of everybody) that are open now carry nothing any more, and nobody is told. After two heartbeats the service gives them up. */
  silence(user?: string): void;
  /** The next `count` upgrades fail; a browser hears no reason. */
  refuseUpgrades(count: number): void;
  /** While on, no socket opens and those that are open end: a network that lets only HTTP through. */
  blockWebSockets(on: boolean): void;
  /** Every access token given out so far to this user (to everybody) is refused. Open sockets stay open, as they do in the service. */
  expireTokens(user?: string): void;
  /** The next `count` matching requests fail, by default as `unavailable`, without having been carried out. */
  failHttp(count: number, failure?: HttpFailure, filter?: HttpFilter): void;
  /** The service can't be reached: lines end, `fetch` rejects, upgrades fail. What is stored stays. */
  down(): void;
  up(): void;
  /**
   * The service is of another release from now on, which knows this beyond 0.1.0 (see `hello`). Lines stay open, as
   * they do in a deploy; clients that know how are told.
   */
  release(knows: readonly string[]): void;
}

/** What the parts of the server ask about faults. */
export interface FaultPlan {
  readonly faults: Faults;
  readonly isDown: boolean;
  readonly socketsBlocked: boolean;
  chance(kind: 'drop' | 'duplicate' | 'refuse' | 'expire'): boolean;
  /** ms, at most `delay`. */
  extraDelay(): number;
  drops(direction: 'up' | 'down', type: string, user: string): boolean;
  duplicates(): boolean;
  refusesUpgrade(): boolean;
  httpFailure(method: string, path: string): HttpFailure | undefined;
}

/** What faults do to the rest of the server. */
export interface FaultActions {
  /** Ends lines: of a user, or of everybody. */
  cut(user: string | undefined, code: number): void;
  silence(user: string | undefined): void;
  expireTokens(user: string | undefined): void;
  release(knows: readonly string[]): void;
}

interface HttpFault {
  left: number;
  readonly failure: HttpFailure;
  readonly filter: HttpFilter;
}

export function createFaults(random: Random, actions: FaultActions): FaultPlan {
  let frames: FrameFilter[] = [];
  let https: HttpFault[] = [];
  let upgrades = 0;
  let twice = 0;
  let down = false;
  let blocked = false;

  const faults: Faults = {
    ...NO_FAULTS,
    set(rates) {
      Object.assign(faults, rates);
    },
    calm() {
      faults.set(NO_FAULTS);
      frames = [];
      https = [];
      upgrades = 0;
      twice = 0;
      down = false;
      blocked = false;
    },
    dropNext(filter = {}) {
      frames.push(filter);
    },
    duplicateNext() {
      twice++;
    },
    disconnect: (user, code = 1006) => actions.cut(user, code),
    silence: (user) => actions.silence(user),
    refuseUpgrades(count) {
      upgrades += count;
    },
    blockWebSockets(on) {
      blocked = on;
      if (on) actions.cut(undefined, 1006);
    },
    expireTokens: (user) => actions.expireTokens(user),
    failHttp(count, failure = 'unavailable', filter = {}) {
      https.push({ left: count, failure, filter });
    },
    down() {
      down = true;
      actions.cut(undefined, 1006);
    },
    up() {
      down = false;
    },
    release: (knows) => actions.release(knows),
  };

  const chance = (p: number): boolean => p > 0 && random() < p;
  return {
    faults,
    get isDown() {
      return down;
    },
    get socketsBlocked() {
      return blocked;
    },
    chance: (kind) => chance(faults[kind]),
    extraDelay: () => (faults.delay > 0 ? random() * faults.delay : 0),
    drops(direction, type, user) {
      const i = frames.findIndex(
        (filter) =>
          (filter.direction ?? direction) === direction &&
          (filter.type ?? type) === type &&
          (filter.user ?? user) === user,
      );
      if (i >= 0) frames.splice(i, 1);
      return i >= 0 || chance(faults.drop);
    },
    duplicates() {
      if (twice > 0) return twice-- > 0;
      return chance(faults.duplicate);
    },
    refusesUpgrade() {
      if (down || blocked) return true;
      return upgrades > 0 && upgrades-- > 0;
    },
    httpFailure(method, path) {
      if (down) return 'network';
      const fault = https.find(
        ({ left, filter }) =>
          left > 0 && (filter.method ?? method) === method && path.startsWith(filter.path ?? ''),
      );
      if (!fault) return undefined;
      fault.left--;
      return fault.failure;
    },
  };
}
