import fc from 'fast-check';
import type { Asked } from './model.ts';

/** What the model-based test may do to a conversation. */

const who = fc.constantFrom('ada', 'bob');
// Few names, so that repeats and predecessors hit.
const clientId = fc.nat(11).map((i) => `c${i}`);
const position = fc.nat(25);
const optional = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined, freq: 2 });
const asked: fc.Arbitrary<Asked> = fc.record({
  type: fc.constantFrom('message', 'message', 'message', 'edit', 'delete'),
  clientId,
  text: fc.constantFrom('one', 'two', 'Grüße'),
  target: fc.integer({ min: 1, max: 12 }),
  after: optional(clientId),
});
export const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('append'),
      who,
      ops: fc.array(asked, { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('again'), who }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('marks'), who, delivered: position, read: position }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait'), ms: fc.constantFrom(1, 100, 10_000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('pull'),
      who,
      after: optional(position),
      before: optional(position),
      limit: fc.nat(8),
      resume: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('history'),
      who,
      view: fc.constantFrom('messages', 'log'),
      by: fc.constantFrom('after', 'before', 'around', 'newest'),
      at: position,
      limit: fc.integer({ min: 1, max: 8 }),
    }),
  },
);
export type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
