import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ConversationKind, DeliverAnswer, OpResult } from '../../../../objects/shared/rpc.ts';
import { type Asked, Model, type Outcome } from './model.ts';
import { type Step, step } from './model-steps.ts';
import { confirmed, edit, message, remove, Talk } from './support.ts';

/** A conversation does the same as an array of messages, whatever is asked of it in whatever order. */

type Of<D extends string> = Step & { readonly do: D };

const is = <D extends string>(s: Step, name: D): s is Of<D> => s.do === name;
const given = (fields: Record<string, number | undefined>): Record<string, number> =>
  Object.fromEntries(Object.entries(fields).flatMap(([k, v]) => (v === undefined ? [] : [[k, v]])));

const opOf = (a: Asked) => {
  if (a.type === 'edit') return edit(a.clientId, a.target, a.text);
  if (a.type === 'delete') return remove(a.clientId, a.target);
  return message(a.clientId, a.text, a.after === undefined ? {} : { after: a.after });
};

/** A frame without its times, which the model doesn't keep. */
function timeless(json: string): unknown {
  const { at, ...frame } = JSON.parse(json) as Record<string, unknown>;
  expect(at).toBeTypeOf('number');
  for (const time of ['editedAt', 'deletedAt']) if (time in frame) frame[time] = 0;
  return frame;
}

/** The real conversation and its model, driven alike. */
class Pair {
  readonly talk: Talk;
  readonly model: Model;
  #calls = 0;

  constructor(kind: ConversationKind) {
    this.talk = new Talk(kind, ['ada', 'bob']);
    this.model = new Model(kind, 'ada');
    // Members' objects come and go, and calls fail: nothing of that shows in the log.
    this.talk.respond = (call): DeliverAnswer | undefined => {
      const turn = this.#calls++ % 4;
      return turn === 0 ? undefined : { ...confirmed(call), attached: turn !== 1 };
    };
    this.talk.onDeliver = ({ entries }) =>
      entries.forEach(({ seq }, i) => {
        expect(seq).toBe((entries[0]?.seq ?? 0) + i);
      });
  }

  run(s: Step): void {
    if (is(s, 'append')) this.#append(s.who, s.ops);
    else if (is(s, 'again')) this.#append(s.who, this.#stored(s.who));
    else if (is(s, 'marks')) this.#marks(s);
    else if (is(s, 'wait')) this.talk.clock.advance(s.ms);
    else if (is(s, 'restart')) this.talk.restart();
    else if (is(s, 'pull')) this.#pull(s);
    else if (is(s, 'history')) this.#history(s);
    this.#sameMarks();
  }

  /** Everything a member sent so far, once more. */
  #stored(by: string): Asked[] {
    return this.model.entries.filter((e) => e.who === by).map((e) => e.asked);
  }

  #append(by: string, ops: readonly Asked[]): void {
    if (ops.length === 0) return;
    // The model first: marks that wait may be written, and answered, with the append.
    const expected = ops.map((a) => this.model.append(by, a));
    const answer = this.talk.append(by, ...ops.map(opOf));
    if (!answer.ok) throw new Error(answer.code);
    const outcome = (r: OpResult): Outcome => {
      if (!r.ok) return r.code;
      return 'held' in r ? 'held' : { seq: r.seq, duplicate: r.duplicate };
    };
    expect(answer.results.map(outcome)).toEqual(expected);
  }

  #marks({ who: by, delivered, read }: Of<'marks'> & { who: string; delivered: number; read: number }): void {
    this.talk.core.marks({ user: by, delivered, read, settled: 0 }, (answer) => {
      expect(answer).toMatchObject({ ok: true });
      this.model.marked(by, delivered, read);
    });
  }

  #sameMarks(): void {
    for (const user of ['ada', 'bob'])
      expect(this.talk.body(this.talk.core.summary(user))).toMatchObject({
        ...this.model.markOf(user),
        head: this.model.entries.length,
      });
  }

  #pull(s: {
    who: string;
    after: number | undefined;
    before: number | undefined;
    limit: number;
    resume: boolean;
  }): void {
    const range = given({ after: s.after, before: s.before });
    const attach = s.resume ? { attach: 1 } : {};
    const answer = this.talk.core.pull({ user: s.who, limit: s.limit, ...range, ...attach });
    if (!answer.ok) throw new Error(answer.code);
    expect(answer.head).toBe(this.model.entries.length);
    const newest = s.resume || s.after === undefined;
    this.#same(
      answer.entries.map((e) => `{${e.json}`),
      this.model.range({ ...range, limit: s.limit, newest }),
    );
  }

  #history(s: { who: string; view: string; by: string; at: number; limit: number }): void {
    const view = s.view === 'log' ? 'log' : 'messages';
    const messages = view === 'messages';
    const { at, limit } = s;
    const by = s.by === 'newest' ? {} : { [s.by]: at };
    const page = this.talk.body(this.talk.core.history({ user: s.who, view, limit, ...by }));
    const half = limit >> 1;
    const expected =
      s.by === 'around'
        ? [
            ...this.model.range({ before: at, limit: half, newest: true, messages }),
            ...this.model.range({ after: at - 1, limit: limit - half, newest: false, messages }),
          ]
        : this.model.range({ ...by, limit, newest: s.by !== 'after', messages });
    this.#same(
      (page[messages ? 'messages' : 'entries'] as object[]).map((e) => JSON.stringify(e)),
      expected,
    );
  }

  #same(frames: readonly string[], seqs: readonly number[]): void {
    expect(frames.map(timeless)).toEqual(seqs.map((seq) => this.model.frame(seq)));
  }

  /** Both see the whole log, before and after a restart. */
  check(): void {
    for (const by of ['ada', 'bob', 'restart', 'ada', 'bob']) {
      if (by === 'restart') this.talk.restart();
      else this.#pull({ who: by, after: 0, before: undefined, limit: 1_000, resume: false });
    }
  }
}

test.each(['direct', 'group'] as const)(
  'P1 P2 P3 P5 P6 a %s conversation is an array of messages',
  (kind) => {
    let entries = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
        const pair = new Pair(kind);
        for (const s of steps) pair.run(s);
        pair.check();
        entries += pair.model.entries.length;
        pair.talk.sql.close();
      }),
      { numRuns: 150 },
    );
    expect(entries).toBeGreaterThan(400);
  },
);
