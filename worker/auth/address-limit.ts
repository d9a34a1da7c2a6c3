import { type Failure, fail } from '../../schema/protocol/errors.ts';

interface Bucket {
  tokens: number;
  /** When `tokens` was true, in ms. */
  at: number;
}

/**
 * Attempts per address, or per anything else that has a name: a token bucket each, `perMinute` at once and that many a
 * minute after. Remembers the `most` latest names.
 *
 * It counts in the isolate's memory. A Worker has no other state, D1 would cost a write for every attempt, which is
 * the load an attack wants, and the platform's rate-limit binding has its number fixed at deploy time while ours is
 * a setting. Isolates count apart, so this slows down one address at one location, which is what guessing from a few
 * machines looks like; the cost of each guess is the password hash's.
 */
export class AddressLimit {
  readonly #buckets = new Map<string, Bucket>();
  readonly #most: number;
  readonly #what: string;

  /** @param what is counted, for the answer: `too many ${what}`. */
  constructor(most = 10_000, what = 'log-in attempts') {
    this.#most = most;
    this.#what = what;
  }

  /** Takes one attempt of `address`; `rate_limited` when none is left. `now` in ms. */
  take(address: string, perMinute: number, now: number): Failure | undefined {
    const tokens = this.#left(address, perMinute, now);
    // Put back at the end: the Map's order is that of use, and the first is forgotten first.
    this.#buckets.delete(address);
    this.#buckets.set(address, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    this.#forget();
    return this.#refused(tokens, perMinute);
  }

  /** What `take` would answer, without taking. */
  look(address: string, perMinute: number, now: number): Failure | undefined {
    return this.#refused(this.#left(address, perMinute, now), perMinute);
  }

  #left(address: string, perMinute: number, now: number): number {
    const bucket = this.#buckets.get(address);
    if (!bucket) return perMinute;
    // The clock was set back: from here on as before.
    bucket.at = Math.min(bucket.at, now);
    return Math.min(perMinute, bucket.tokens + ((now - bucket.at) * perMinute) / 60_000);
  }

  #refused(tokens: number, perMinute: number): Failure | undefined {
    if (tokens >= 1) return undefined;
    const seconds = Math.ceil(((1 - tokens) * 60) / perMinute);
    return fail('rate_limited', `too many ${this.#what}: wait ${seconds} s`, seconds);
  }

  #forget(): void {
    if (this.#buckets.size <= this.#most) return;
    const oldest = this.#buckets.keys().next().value;
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}

/** Who counts as one address: an IPv4 address, or a /64 of IPv6, which is what one subscriber gets. */
export function addressOf(headers: Headers): string {
  const ip = headers.get('cf-connecting-ip') ?? 'unknown';
  if (!ip.includes(':')) return ip;
  const [head = '', tail] = ip.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail ? tail.split(':') : [];
  const gap = tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length);
  const groups = [...front, ...Array<string>(gap).fill('0'), ...back];
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
