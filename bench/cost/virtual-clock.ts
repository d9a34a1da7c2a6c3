import type { Clock } from '../../client/index.ts';

interface Event {
  readonly at: number;
  readonly order: number;
  run: (() => void) | undefined;
}

/** Time that passes when it is told to. Events of the same moment run in the order in which they were planned. */
export class VirtualClock implements Clock {
  #now = Date.UTC(2026, 0, 1);
  #order = 0;
  /** A binary heap: the earliest event first. */
  readonly #heap: Event[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const event: Event = { at: this.#now + Math.max(0, ms), order: this.#order++, run };
    this.#push(event);
    return () => {
      event.run = undefined;
    };
  }

  /** Runs everything that happens in the next `ms`. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (let first = this.#heap[0]; first !== undefined && first.at <= end; first = this.#heap[0]) {
      this.#pop();
      this.#now = Math.max(this.#now, first.at);
      first.run?.();
    }
    this.#now = end;
  }

  /** Runs until `done`, at most for `limit` ms of its own time. @returns whether it came true. */
  until(done: () => boolean, limit: number): boolean {
    const end = this.#now + limit;
    while (!done()) {
      const first = this.#heap[0];
      if (first === undefined || first.at > end) return false;
      this.advance(Math.max(0, first.at - this.#now));
    }
    return true;
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let i = heap.push(event) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!isBefore(event, heap[parent] as Event)) break;
      heap[i] = heap[parent] as Event;
      i = parent;
    }
    heap[i] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event)) child++;
      if (!isBefore(heap[child] as Event, last)) break;
      heap[i] = heap[child] as Event;
      i = child;
    }
    heap[i] = last;
  }
}

const isBefore = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
