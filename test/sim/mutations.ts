import type { ConversationHost } from '../../objects/conversation/host.ts';
import { Progress } from '../../objects/conversation/progress.ts';
import { exists } from '../../objects/shared/migrate.ts';
import type { Sql } from '../../objects/shared/sql.ts';
import { Pushes } from '../../objects/user/pushes.ts';
import type { Mutation } from './world.ts';

/**
 * Rules broken on purpose, from outside: something between a core and its platform lies to it. The simulation has to
 * notice each of them, else its silence about the real cores would mean nothing.
 */

/** Statements that contain `part` do nothing. */
const deaf =
  (part: string) =>
  (sql: Sql): Sql => ({
    all: (query, ...values) => sql.all(query, ...values),
    run: (query, ...values) => (query.includes(part) ? undefined : sql.run(query, ...values)),
    transaction: (body) => sql.transaction(body),
  });

/** Puts `replacement` in the place of a method for one run. */
const instead =
  <T extends object, K extends keyof T>(prototype: T, method: K, replacement: T[K]) =>
  () => {
    const original = prototype[method];
    prototype[method] = replacement;
    return () => {
      prototype[method] = original;
    };
  };

/** Every answer of a member's object is changed on its way to the conversation. */
const answers =
  (change: (answer: { attached: boolean; settled: number; cursor: number }, head: number) => object) =>
  (host: ConversationHost): ConversationHost => ({
    ...host,
    deliver: (call, done) =>
      host.deliver(call, (answer) => done(answer && { ...answer, ...change(answer, call.head) })),
  });

export const MUTATIONS: Readonly<Record<string, { readonly promise: string; readonly mutation: Mutation }>> =
  {
    'a device without a record counts as having nothing': {
      promise: 'P4',
      mutation: {
        userSql: (sql) => ({
          all: (query, ...values) =>
            query.includes('FROM device')
              ? sql.all(query, ...values).map((row) => ({ ...row, away: row.away ?? 0 }))
              : sql.all(query, ...values),
          run: (query, ...values) => sql.run(query, ...values),
          transaction: (body) => sql.transaction(body),
        }),
      },
    },
    'sockets forget over hibernation which cursors they were sent': {
      promise: 'P4',
      mutation: {
        userHost: (host) => ({
          ...host,
          keep: (socket, kept) => host.keep(socket, { ...kept, ceiling: 0 }),
        }),
      },
    },
    'a resume is not told the own marks': {
      promise: 'P6',
      mutation: {
        userHost: (host) => ({
          ...host,
          call: (conversation, method, argument, done) =>
            host.call(conversation, method, argument, (answer) =>
              done(
                answer && 'own' in answer
                  ? Object.assign({}, answer, { own: { delivered: 0, read: 0 } })
                  : answer,
              ),
            ),
        }),
      },
    },
    'cursors are not reserved': {
      promise: 'P4',
      mutation: { userSql: deaf('INTO user ') },
    },
    'changes are not noted': {
      promise: 'P4',
      mutation: { userSql: deaf('INTO conversation ') },
    },
    'what begins without a word is not noted': {
      promise: 'P4',
      mutation: {
        userSql: (sql) => {
          const begun = new Set<unknown>();
          return {
            all: (query, ...values) => sql.all(query, ...values),
            run: (query, ...values) => {
              const [id, kind, note, ...rest] = values;
              const first = query.includes('INTO conversation ') && !begun.has(id);
              if (!first || id === undefined || kind === undefined) return sql.run(query, ...values);
              begun.add(id);
              return sql.run(query, id, kind, rest[0] === 0 ? 0 : (note ?? 0), ...rest);
            },
            transaction: (body) => sql.transaction(body),
          };
        },
      },
    },
    'preferences are not kept': {
      promise: 'P1',
      mutation: { userSql: deaf('INTO prefs ') },
    },
    'preferences forget when they were changed': {
      promise: 'P4',
      mutation: {
        userSql: (sql) => ({
          all: (query, ...values) =>
            query.includes('* FROM prefs')
              ? sql.all(query, ...values).map((row) => ({ ...row, cursor: 0 }))
              : sql.all(query, ...values),
          run: (query, ...values) => sql.run(query, ...values),
          transaction: (body) => sql.transaction(body),
        }),
      },
    },
    'the alarm never comes': {
      promise: 'P4',
      mutation: { conversationHost: (host) => ({ ...host, alarm: () => {} }) },
    },
    'an answer "everyone is away" overrules a newer attach': {
      promise: 'P4',
      mutation: { conversationHost: answers(() => ({ cursor: Number.MAX_SAFE_INTEGER })) },
    },
    'what was delivered counts as settled at once': {
      promise: 'P4',
      mutation: { conversationHost: answers((_, head) => ({ settled: head })) },
    },
    'receipts are shown before they are durable': {
      promise: 'P6',
      mutation: { conversationSql: deaf('INTO progress') },
    },
    'a change of several rows has no transaction': {
      promise: 'P4',
      mutation: {
        // The creation keeps its own: without it there would be half a schema.
        conversationSql: (sql) => ({
          ...sql,
          transaction: (body) => (exists(sql) ? body() : sql.transaction(body)),
        }),
      },
    },
    'memory is kept after a turn that threw': {
      promise: 'P4',
      mutation: { keepsMemory: true },
    },
    'what was acknowledged and not confirmed is not noted at close': {
      promise: 'P4',
      mutation: { patch: instead(Pushes.prototype, 'acked', () => {}) },
    },
    'coming back is not durable before it is answered': {
      promise: 'P4',
      mutation: { patch: instead(Progress.prototype, 'isAway', () => false) },
    },
    'a wake repeats to everybody what it does not know to be settled': {
      promise: 'P4',
      mutation: {
        conversationHost: (host) => ({
          ...host,
          alarmAt: host.alarmAt ?? 1,
          deliver: (call, done) => host.deliver(call, (answer) => done(answer && { ...answer, handed: 0 })),
        }),
      },
    },
  };
