import type { UserHost } from './host.ts';

/** Confirmations are gathered so long before they are reported: one call for many messages, and `read` joins `received`. */
const GATHER_MS = 50;
const RETRY_MS = [500, 2_000, 8_000];

interface Report {
  delivered: number;
  read: number;
  reportedDelivered: number;
  reportedRead: number;
  busy: boolean;
  timer: boolean;
  failures: number;
}

/** What this user's devices have and have seen, reported to each conversation as high-water marks. */
export class Reports {
  readonly #reports = new Map<string, Report>();
  readonly #host: UserHost;
  readonly #user: string;
  readonly #settled: (conversation: string) => number;

  constructor(host: UserHost, user: string, settled: (conversation: string) => number) {
    this.#host = host;
    this.#user = user;
    this.#settled = settled;
  }

  /** @returns whether the read mark moved, which the user's other devices want to know. */
  add(conversation: string, delivered: number, read: number, refused: () => void): boolean {
    let r = this.#reports.get(conversation);
    if (!r) {
      r = {
        delivered: 0,
        read: 0,
        reportedDelivered: 0,
        reportedRead: 0,
        busy: false,
        timer: false,
        failures: 0,
      };
      this.#reports.set(conversation, r);
    }
    const moved = read > r.read;
    r.delivered = Math.max(r.delivered, delivered, read);
    r.read = Math.max(r.read, read);
    this.#schedule(conversation, r, GATHER_MS, refused);
    return moved;
  }

  marks(conversation: string): { delivered: number; read: number } | undefined {
    return this.#reports.get(conversation);
  }

  #schedule(conversation: string, r: Report, wait: number, refused: () => void): void {
    if (r.timer || r.busy || (r.delivered <= r.reportedDelivered && r.read <= r.reportedRead)) return;
    r.timer = true;
    this.#host.timer(wait, () => {
      r.timer = false;
      r.busy = true;
      const { delivered, read } = r;
      this.#host.call(
        conversation,
        'marks',
        { user: this.#user, delivered, read, settled: this.#settled(conversation) },
        (answer) => {
          r.busy = false;
          if (!answer) {
            const again = RETRY_MS[r.failures++];
            // Given up here, the next confirmation carries it: marks are high-water.
            if (again !== undefined) this.#schedule(conversation, r, again, refused);
            return;
          }
          r.failures = 0;
          if (!answer.ok) {
            this.#reports.delete(conversation);
            return refused();
          }
          r.reportedDelivered = Math.max(r.reportedDelivered, delivered);
          r.reportedRead = Math.max(r.reportedRead, read);
          this.#schedule(conversation, r, GATHER_MS, refused);
        },
      );
    });
  }
}
