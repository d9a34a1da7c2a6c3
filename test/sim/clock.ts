/** Virtual time: events run in order of their time, and those of one time in the order they were asked for. */
export class Clock {
  readonly #heap: Event[] = [];
  #now: number;
  #order = 0;
  ran = 0;

  constructor(now: number) {
    this.#now = now;
  }

  get now(): number {
    return this.#now;
  }

  get waiting(): number {
    return this.#heap.length;
  }

  after(ms: number, run: () => void): void {
    this.at(this.#now + ms, run);
  }

  at(at: number, run: () => void): void {
    const event = { at: Math.max(at, this.#now), order: this.#order++, run };
    const heap = this.#heap;
    let i = heap.length;
    heap.push(event);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!before(event, heap[parent] as Event)) break;
      heap[i] = heap[parent] as Event;
      i = parent;
    }
    heap[i] = event;
  }

  /** Runs all that is due within the next `ms` and moves on to then. */
  advance(ms: number): void {
    const until = this.#now + ms;
    while ((this.#heap[0]?.at ?? Number.POSITIVE_INFINITY) <= until) this.#step();
    this.#now = until;
  }

  /** Runs until nothing waits. @returns false when there is still something at `until` or after `most` events. */
  drain(until: number, most: number): boolean {
    const end = this.ran + most;
    while (this.#heap.length > 0) {
      if ((this.#heap[0] as Event).at > until || this.ran > end) return false;
      this.#step();
    }
    return true;
  }

  #step(): void {
    const heap = this.#heap;
    const first = heap[0] as Event;
    const last = heap.pop() as Event;
    if (heap.length > 0) this.#sift(last);
    this.#now = first.at;
    this.ran++;
    first.run();
  }

  #sift(event: Event): void {
    const heap = this.#heap;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as Event, heap[child] as Event)) child++;
      if (!before(heap[child] as Event, event)) break;
      heap[i] = heap[child] as Event;
      i = child;
    }
    heap[i] = event;
  }
}

interface Event {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

const before = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
