import type { Limits } from '../../schema/protocol/limits.ts';
import { Bucket } from './bucket.ts';
import type { KeptSocket } from './host.ts';
import { ShownReceipts } from './shown-receipts.ts';

/** What was pushed to one connection in one conversation and not confirmed. */
export interface Pending {
  /** First unconfirmed. */
  from: number;
  /** Newest it should get. */
  to: number;
  /** Newest really sent; below `to` where the window was full: the rest comes by pull. */
  pushed: number;
  since: number;
  /** What of this fills the connection's window. */
  bytes: number;
  /** Its change was noted, so nothing depends on a confirmation any more. */
  noted: boolean;
  pulling: boolean;
}

/** One socket, or one long-poll session, of a device. */
export interface Connection {
  readonly socket: number;
  readonly device: string;
  /** Said `hello`: live frames go out. */
  ready: boolean;
  /** The resume is complete: frames carry the user's cursor. Before, a frame must not move the client's cursor. */
  synced: boolean;
  /** The client's own cursor while it resumes. */
  base: number;
  /** No cursor above this was sent to it; kept across hibernation. */
  ceiling: number;
  readonly pending: Map<string, Pending>;
  /** Own sends acknowledged here and not yet confirmed, by conversation. */
  readonly acked: Map<string, number>;
  /** Conversations whose own marks were told on this connection. Nobody confirms those: noted when it closes. */
  readonly told: Set<string>;
  /** Up to here batches went out, by conversation: live frames below are repeats. After hibernation: all it was handed. */
  readonly ahead: Map<string, number>;
  /** What its client said that it knows: nothing that came after 0.1.0 is sent to who doesn't know it. */
  knows: readonly string[];
  readonly receipts: ShownReceipts;
  /** Bytes pushed and unconfirmed. */
  window: number;
  /** Last sign of life known here: a frame, or a ping when that was asked for. */
  seen: number;
  /** By the steady clock: when its attachment was written. */
  keptAt: number;
  /** Cancels the timer that waits for its `hello`. */
  helloTimer: (() => void) | undefined;
  /** Frames under way that it waits for an answer of: a crash of this object has to end it. */
  open: number;
  /** Of the device, whatever it connects by. */
  readonly rates: Rates;
  /** Frames refused for their rate, less those accepted since. */
  refused: number;
}

/** How often a device may send, over all its connections and over HTTP. */
export interface Rates {
  readonly frames: Bucket;
  readonly sends: Bucket;
}

export function newRates(limits: Limits, now: number): Rates {
  return {
    // A deployment that allows more sends allows at least as many frames.
    frames: new Bucket(
      Math.max(limits.frameRate, limits.sendRate),
      Math.max(limits.frameBurst, limits.sendBurst),
      now,
    ),
    sends: new Bucket(limits.sendRate, limits.sendBurst, now),
  };
}

/** @param kept what the attachment says; of a socket that outlived hibernation with all it must remember. */
export function newConnection(socket: number, kept: KeptSocket, rates: Rates, now: number): Connection {
  const c: Connection = {
    socket,
    device: kept.device,
    ready: kept.synced,
    synced: kept.synced,
    base: kept.ceiling,
    ceiling: kept.ceiling,
    pending: new Map(),
    acked: new Map(kept.acked),
    told: new Set(kept.told),
    ahead: new Map(kept.heads),
    knows: kept.knows ?? [],
    receipts: new ShownReceipts(),
    window: 0,
    seen: kept.at ?? now,
    keptAt: Number.NEGATIVE_INFINITY,
    helloTimer: undefined,
    open: 0,
    rates,
    refused: 0,
  };
  for (const [conversation, from, to, pushed] of kept.pending ?? []) {
    const since = kept.at ?? now;
    c.pending.set(conversation, { from, to, pushed, since, bytes: 0, noted: false, pulling: false });
  }
  return c;
}
