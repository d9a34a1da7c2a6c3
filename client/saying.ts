import type { Engine, Said, Sent } from './engine-types.ts';
import { ParleyError } from './errors.ts';
import type { Op } from './outbox.ts';
import type { Parts } from './parts.ts';
import { failed, readUpTo } from './receive.ts';

/** Tabs hear each other in so many ms. */
const TELLING_MS = 50;
/** Room for `after`; a frame above the limit would be answered without our `clientId`. */
const SPARE_BYTES = 100;

/** What a person says: first into the outbox, the store and the other tabs, then to the service. */
export function saying(parts: Parts): Pick<Engine, 'say' | 'retry' | 'cancel' | 'read' | 'setDraft'> & Heard {
  const { outbox, waiters, events, drafts, now, settle } = parts;

  /** The connected tab hears it a moment later, and what it says itself until then is sent first. */
  const orderOf = (op: Op): string => outbox.orderOf(op, now() + (parts.followed ? TELLING_MS : 0));

  /** Told to the other tabs at once: this one may be gone before it is kept, and they keep it too. */
  function queued(clientId: string): void {
    const waiting = outbox.standing(clientId);
    if (!waiting) return;
    const { op, at, order, tried } = waiting;
    parts.kept?.queued(waiting, tried || parts.state().name === 'online');
    parts.post({ type: 'op', op, at, order, tried });
    events.emit('timeline', op);
  }

  function cancelled(clientId: string): boolean {
    const op = outbox.cancel(clientId);
    if (!op) return false;
    parts.kept?.settled(clientId);
    waiters.reject(clientId, new ParleyError('cancelled', 'It was taken back'));
    events.emit('timeline', op);
    return true;
  }

  function readTo(conversation: string, seq: number): void {
    const { last } = parts.logs.of(conversation);
    // Having shown the newest page is enough to have read: nobody scrolls through a thousand unread messages.
    parts.confirmations.applied(conversation, last, now());
    parts.confirmations.shown(conversation, seq, now());
    parts.kept?.state();
    readUpTo(parts, conversation, Math.min(seq, last));
  }

  return {
    cancelled,
    readTo,
    say(said: Said, clientId): Sent {
      const op = { ...said, clientId };
      const acked = waiters.for(clientId);
      if (outbox.add(op, now(), false, orderOf(op))) {
        const bytes = new TextEncoder().encode(JSON.stringify(op)).length;
        const { frameBytes = 65_536 } = parts.limits;
        if (bytes + SPARE_BYTES > frameBytes)
          failed(parts, op, new ParleyError('too_large', `at most ${frameBytes} bytes`));
        else queued(clientId);
        settle();
      }
      return { clientId, acked };
    },
    retry(clientId) {
      const standing = outbox.standing(clientId);
      if (!standing || typeof standing.state === 'string') return;
      outbox.add(standing.op, now(), true, orderOf(standing.op));
      queued(clientId);
      settle();
    },
    cancel(clientId) {
      // The other tab may be saying it at this moment.
      const saying =
        parts.followed?.name === 'online' && typeof outbox.standing(clientId)?.state === 'string';
      if (saying || !cancelled(clientId)) return false;
      parts.post({ type: 'cancel', clientId });
      settle();
      return true;
    },
    read(conversation, seq) {
      readTo(conversation, seq);
      parts.post({ type: 'read', conversation, seq });
      settle();
    },
    setDraft(conversation, draft) {
      if (draft) drafts.set(conversation, draft);
      else drafts.delete(conversation);
      parts.kept?.draft(conversation);
      events.emit('draft', { conversation });
      parts.post({ type: 'draft', conversation, draft });
      settle();
    },
  };
}

/** The same, said in another tab. */
export interface Heard {
  /** False: too late. */
  cancelled(clientId: string): boolean;
  readTo(conversation: string, seq: number): void;
}
