import fc from 'fast-check';
import { changed, isChange, type TimelineMessage } from '../../../client/message-state.ts';
import type { TimelineEntry } from '../../../client/timeline.ts';
import type { Entry } from '../../../schema/protocol/frames-log.ts';

/** A log of messages and changes to them, as it would come over the wire. */
export const anyLog: fc.Arbitrary<readonly Entry[]> = fc
  .array(fc.record({ kind: fc.nat(9), target: fc.nat(), by: fc.constantFrom('ada', 'bob') }), {
    minLength: 1,
    maxLength: 40,
  })
  .map((plans) => {
    const entries: Entry[] = [];
    const messages: number[] = [];
    for (const [i, { kind, target, by }] of plans.entries()) {
      const seq = i + 1;
      const head = { conversation: 'c', seq, at: 1000 + seq };
      const about = messages[target % Math.max(1, messages.length)];
      if (kind < 5 || about === undefined) {
        messages.push(seq);
        const content = { kind: 'text', text: `t${seq}` };
        entries.push({
          type: 'message',
          ...head,
          ordinal: messages.length,
          from: by,
          clientId: `k${seq}`,
          content,
        });
      } else if (kind < 7) {
        entries.push({
          type: 'edit',
          ...head,
          by,
          target: about,
          content: { kind: 'text', text: `e${seq}` },
        });
      } else if (kind === 7) entries.push({ type: 'delete', ...head, by, target: about });
      else if (kind === 8)
        entries.push({ type: 'react', ...head, by, target: about, emoji: '👍', on: seq % 3 > 0 });
      else entries.push({ type: 'withheld', conversation: 'c', seq });
    }
    return entries;
  });

/** What a log looks like once everything in it has been applied, by the plainest of means. */
export function presentState(log: readonly Entry[]): TimelineEntry[] {
  return log.map((entry) => {
    if (entry.type !== 'message') return entry;
    const changes = log.filter(isChange).filter((change) => change.target === entry.seq);
    return changes.reduce<TimelineMessage>(changed, entry);
  });
}
