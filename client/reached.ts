import type { Mark, Marks } from './marks.ts';
import type { TimelineMessage } from './message-state.ts';
import type { Delivery } from './types.ts';

/**
 * What every other member has reached: the service's word for it, or the slowest of those whose marks are known, once
 * that is all of them. `others`: how many there are.
 */
export function reachedBy(
  marks: Marks,
  told: Mark | undefined,
  others: number,
  me: string | undefined,
): Mark {
  const named = Object.entries(marks.users).filter(([user]) => user !== me);
  const of = (which: keyof Mark): number => {
    const ordered = named.map(([, mark]) => mark[which]).sort((a, b) => b - a);
    // Marks of people who have left may be among them: as many as there are members count.
    return Math.max(marks.everyone[which], told?.[which] ?? 0, ordered[others - 1] ?? 0);
  };
  const read = of('read');
  return { delivered: Math.max(of('delivered'), read), read };
}

/** How far an own message has come. */
export const deliveryOf = ({ seq }: Pick<TimelineMessage, 'seq'>, { delivered, read }: Mark): Delivery =>
  seq <= read ? 'read' : seq <= delivered ? 'delivered' : 'sent';
