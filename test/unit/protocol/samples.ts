// A good value of every frame and body, and values that are wrong in one place, with the name of that place.
import { KNOWS } from '../../../schema/protocol/knows.ts';
import { DEFAULT_LIMITS } from '../../../schema/protocol/limits.ts';

/** `[field, wrong value]`: put into the good value under that path; `undefined` takes the field out. */
export type Wrong = readonly [field: string, value: unknown];

export interface Sample {
  readonly good: Record<string, unknown>;
  readonly wrong: readonly Wrong[];
}

const c = 'c_1';
const text = { kind: 'text', text: 'Hello, wörld 👋' };
const id: readonly unknown[] = [undefined, null, 7, '', 'x'.repeat(65), 'a b', 'ä', '../x', {}];
const seq: readonly unknown[] = [undefined, null, 0, -1, 1.5, '1', 2 ** 53, {}];
const all = (field: string, values: readonly unknown[]): Wrong[] => values.map((value) => [field, value]);
/** The same, for a field that may be left out. */
const given = (field: string, values: readonly unknown[]): Wrong[] =>
  all(
    field,
    values.filter((value) => value !== undefined),
  );

const deep = (levels: number): unknown => {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = [value];
  return value;
};

const badContent: Wrong[] = [
  ['content', undefined],
  ['content', 'hi'],
  ['content', []],
  ['content.kind', undefined],
  ['content.kind', 'Text'],
  ['content.kind', 'deleted'],
  ['content.kind', 'system'],
  ['content.kind', `k${'x'.repeat(64)}`],
  ['content.text', undefined],
  ['content.text', ''],
  ['content.text', 5],
  ['content.text', 'half \ud83d'],
  ['content.mentions', 'u_1'],
  ['content.mentions', Array(257).fill('u_1')],
  ['content.mentions[1]', 'no id'],
  ['content', { kind: 'poll', deep: deep(32) }],
  ['content', { kind: 'poll', huge: Number.POSITIVE_INFINITY }],
  ['content', { kind: 'poll', inner: JSON.parse('{"__proto__":1}') }],
];

/** No lists of what a side knows. */
const knows: readonly Wrong[] = [
  ['knows', 'welcome.again'],
  ['knows', ['Shout']],
  ['knows', ['']],
  ['knows', ['x'.repeat(33)]],
  ['knows', Array.from({ length: 33 }, (_, i) => `n${i}`)],
];

export const UP_SAMPLES: { readonly [type: string]: Sample } = {
  hello: {
    good: {
      type: 'hello',
      cursor: 0,
      heads: { c_1: 3, c_2: 0 },
      limit: 500,
      knows: ['welcome.again', 'of.2030'],
    },
    wrong: [
      ['cursor', -1],
      ['cursor', '0'],
      ['cursor', null],
      ['heads', []],
      ['heads', { 'no id': 1 }],
      ['heads', JSON.parse('{"__proto__":1}')],
      ['heads.c_1', -1],
      ['heads.c_1', 'x'],
      ['heads', Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`c${i}`, 1]))],
      ['limit', 0],
      ['limit', 501],
      ...knows,
    ],
  },
  send: {
    good: {
      type: 'send',
      clientId: 'k-1',
      conversation: c,
      content: { ...text, mentions: ['u_1', 'u_2'] },
      replyTo: 1,
      after: 'k-0',
    },
    wrong: [
      ...all('clientId', id),
      ...all('conversation', id),
      ...badContent,
      ...given('replyTo', seq),
      ...given('after', id),
    ],
  },
  edit: {
    good: {
      type: 'edit',
      clientId: 'k-1',
      conversation: c,
      seq: 4,
      content: { ...text, mentions: ['u_1', 'u_2'] },
    },
    wrong: [...all('clientId', id), ...all('conversation', id), ...all('seq', seq), ...badContent],
  },
  delete: {
    good: { type: 'delete', clientId: 'k-1', conversation: c, seq: 4 },
    wrong: [...all('clientId', id), ...all('conversation', id), ...all('seq', seq)],
  },
  react: {
    good: { type: 'react', clientId: 'k-1', conversation: c, seq: 4, emoji: '👩‍👩‍👧‍👦', on: true },
    wrong: [
      ...all('clientId', id),
      ...all('conversation', id),
      ...all('seq', seq),
      ...all('emoji', [undefined, '', 1, 'x'.repeat(33), 'a b', '__proto__', '\ud83d', 'a\u0000']),
      ...all('on', [undefined, null, 1, 'true']),
    ],
  },
  received: {
    good: { type: 'received', conversation: c, seq: 9 },
    wrong: [...all('conversation', id), ...all('seq', seq)],
  },
  read: {
    good: { type: 'read', conversation: c, seq: 9 },
    wrong: [...all('conversation', id), ...all('seq', seq)],
  },
  pull: {
    good: { type: 'pull', conversation: c, after: 0, before: 10, limit: 500 },
    wrong: [
      ...all('conversation', id),
      ['after', -1],
      ['after', 0.5],
      ['before', 0],
      ['limit', 0],
      ['limit', 501],
      ['limit', '5'],
    ],
  },
  typing: {
    good: { type: 'typing', conversation: c, on: false },
    wrong: [...all('conversation', id), ...all('on', [undefined, null, 0, 'false'])],
  },
  focus: {
    good: { type: 'focus', conversation: null },
    wrong: all('conversation', [undefined, 7, '', 'a b', {}]),
  },
  watch: {
    good: { type: 'watch', users: ['u_1', 'u_2'] },
    wrong: [
      ['users', undefined],
      ['users', 'u_1'],
      ['users[1]', 'a b'],
      ['users', Array(101).fill('u_1')],
    ],
  },
  ping: { good: { type: 'ping' }, wrong: [] },
};

const at = 1_790_000_000_000;
const entry = { cursor: 8, conversation: c, seq: 4, at, by: 'u_1' };
const message = {
  type: 'message',
  cursor: 8,
  conversation: c,
  seq: 3,
  ordinal: 2,
  from: 'u_1',
  at,
  clientId: 'k-1',
  content: text,
  replyTo: 1,
  editedAt: at,
  deletedAt: at,
  reactions: { '👍': ['u_1', 'u_2'] },
};
const badEntry: Wrong[] = [
  ...all('conversation', id),
  ...all('seq', seq),
  ['cursor', -1],
  ['at', undefined],
  ['at', 1.5],
  ['by', undefined],
  ['by', 'a b'],
];

export const DOWN_SAMPLES: { readonly [type: string]: Sample } = {
  welcome: {
    good: {
      type: 'welcome',
      user: 'u_1',
      device: 'd_1',
      cursor: 8,
      heartbeat: 15_000,
      time: at,
      limits: { ...DEFAULT_LIMITS },
      knows: [...KNOWS],
    },
    wrong: [
      ...all('user', id),
      ...all('device', id),
      ['cursor', undefined],
      ['heartbeat', 0],
      ['time', undefined],
      ['limits', undefined],
      ['limits', 5],
      ['limits.textBytes', '5'],
      ...knows,
    ],
  },
  batch: {
    good: {
      type: 'batch',
      conversation: c,
      entries: [message, { type: 'withheld', conversation: c, seq: 4 }],
      head: 4,
      gapBefore: 2,
    },
    wrong: [
      ...all('conversation', id),
      ['entries', undefined],
      ['entries', {}],
      ['entries[1].type', 'typing'],
      ['entries[1].seq', 0],
      ['entries[0].content', 5],
      ['entries[0].reactions.👍[1]', 'a b'],
      ['head', undefined],
      ['head', -1],
      ['gapBefore', -1],
    ],
  },
  synced: { good: { type: 'synced', cursor: 8 }, wrong: [['cursor', undefined]] },
  ack: {
    good: { type: 'ack', clientId: 'k-1', conversation: c, seq: 4, at, state: 'sent', duplicate: true },
    wrong: [
      ...all('clientId', id),
      ...all('conversation', id),
      ...all('seq', seq),
      ['at', undefined],
      ['state', 'read'],
      ['duplicate', 1],
    ],
  },
  message: {
    good: message,
    wrong: [
      ...all('conversation', id),
      ...all('seq', seq),
      ...all('ordinal', seq),
      ...all('from', id),
      ...all('clientId', id),
      ['content', undefined],
      ['content.kind', 5],
      ['editedAt', 'now'],
      ['deletedAt', -1],
      ['reactions', []],
      ['reactions.👍', 'u_1'],
    ],
  },
  edit: {
    good: { type: 'edit', ...entry, target: 3, content: text },
    wrong: [...badEntry, ...all('target', seq), ['content', undefined]],
  },
  delete: { good: { type: 'delete', ...entry, target: 3 }, wrong: [...badEntry, ...all('target', seq)] },
  react: {
    good: { type: 'react', ...entry, target: 3, emoji: '👍', on: false },
    wrong: [...badEntry, ...all('target', seq), ['emoji', 5], ['on', undefined]],
  },
  member: {
    good: { type: 'member', ...entry, user: 'u_2', change: 'added', role: 'admin' },
    wrong: [...badEntry, ...all('user', id), ['change', 'gone'], ['role', 'king']],
  },
  conversation: {
    good: { type: 'conversation', ...entry, title: 'Holidays' },
    wrong: [...badEntry, ['title', 5]],
  },
  withheld: {
    good: { type: 'withheld', cursor: 8, conversation: c, seq: 4 },
    wrong: [...all('conversation', id), ...all('seq', seq)],
  },
  receipt: {
    good: {
      type: 'receipt',
      conversation: c,
      user: 'u_1',
      delivered: 4,
      read: 3,
      seq: 4,
      deliveredCount: 9,
      readCount: 0,
    },
    wrong: [
      ...all('conversation', id),
      ...given('user', id),
      ['delivered', undefined],
      ['read', -1],
      ...given('seq', seq),
      ['deliveredCount', -1],
      ['readCount', 'all'],
    ],
  },
  prefs: {
    good: {
      type: 'prefs',
      cursor: 8,
      conversation: c,
      prefs: { pinned: at, mutedUntil: at, archived: true, unread: true },
    },
    wrong: [
      ...all('conversation', id),
      ['cursor', undefined],
      ['prefs', undefined],
      ['prefs.pinned', true],
      ['prefs.mutedUntil', null],
      ['prefs.archived', false],
      ['prefs.unread', 1],
    ],
  },
  typing: {
    good: { type: 'typing', conversation: c, user: 'u_1', on: true },
    wrong: [...all('conversation', id), ...all('user', id), ['on', 1]],
  },
  presence: {
    good: { type: 'presence', user: 'u_1', online: false, lastSeen: at },
    wrong: [...all('user', id), ['online', undefined], ['lastSeen', '5 minutes ago']],
  },
  hint: {
    good: { type: 'hint', conversation: c, head: 0 },
    wrong: [...all('conversation', id), ['head', -1]],
  },
  error: {
    good: {
      type: 'error',
      code: 'rate_limited',
      detail: 'too many sends',
      clientId: 'k-1',
      conversation: c,
      retryAfter: 0.5,
    },
    wrong: [
      ['code', undefined],
      ['code', 404],
      ['detail', undefined],
      ['detail', 'x'.repeat(1025)],
      ...given('clientId', id),
      ...given('conversation', id),
      ['retryAfter', -1],
    ],
  },
  pong: { good: { type: 'pong' }, wrong: [] },
};

const password = 'correct horse';

/** By the id of the route. */
export const BODY_SAMPLES: { readonly [route: string]: Sample } = {
  register: {
    good: { handle: 'ada.l', password, name: 'Ada', device: { name: 'Laptop' } },
    wrong: [
      ...all('handle', [undefined, 'ab', 'x'.repeat(33), 'Ada', 'a-b', 5]),
      ...all('password', [undefined, 'short', 'x'.repeat(257), 12345678, '🔑'.repeat(7)]),
      ...all('name', ['', 'x'.repeat(65), 5, '\udc00']),
      ...all('device', [5, null, []]),
      ['device.name', ''],
    ],
  },
  login: {
    good: { handle: 'ada', password },
    wrong: [
      ['handle', undefined],
      ['password', undefined],
      ['device', 'Laptop'],
    ],
  },
  refresh: {
    good: { refreshToken: 'r.1', attempt: 'a-1' },
    wrong: [...all('refreshToken', [undefined, '', 5, 'x'.repeat(513)]), ...given('attempt', id)],
  },
  exchange: { good: { token: 'a.b.c' }, wrong: all('token', [undefined, '', 5, 'x'.repeat(16_385)]) },
  changeMe: {
    good: { name: 'Ada', about: '', avatar: 'm_1', privacy: { lastSeen: 'nobody' } },
    wrong: [
      ['name', ''],
      ['about', 'x'.repeat(513)],
      ['avatar', 'https://x'],
      ['privacy', 5],
      ['privacy.lastSeen', 'friends'],
    ],
  },
  createConversation: {
    good: { kind: 'group', members: ['u_1', '@ada'], title: 'Trip', mode: 'server' },
    wrong: [
      ...all('kind', [undefined, 'room', 5]),
      ...all('members', [undefined, '@ada', {}]),
      ['members[1]', '@a'],
      ['members[0]', 5],
      ...all('title', ['', 'x'.repeat(257)]),
      ['mode', 'plain'],
    ],
  },
  changePrefs: {
    good: { pinned: true, mutedUntil: null, archived: false, unread: true },
    wrong: [
      ...all('pinned', [null, 1, 'true', {}]),
      ...all('mutedUntil', [-1, 1.5, true, '5', 2 ** 53]),
      ['archived', null],
      ['unread', 0],
    ],
  },
  changeConversation: { good: { title: 'Trip' }, wrong: all('title', [undefined, '', 'x'.repeat(257), 5]) },
  sendMessage: {
    good: { clientId: 'k-1', content: { ...text, mentions: ['u_1', 'u_2'] }, replyTo: 1, after: 'k-0' },
    wrong: [...all('clientId', id), ...badContent, ...given('replyTo', seq), ...given('after', id)],
  },
  setMember: { good: { role: 'admin' }, wrong: all('role', ['king', 5, null]) },
  poll: {
    good: {
      session: 's_1',
      n: 4,
      cursor: 8,
      heads: { c_1: 3 },
      limit: 20,
      close: false,
      frames: [{ type: 'ping' }, {}],
      wait: 25,
    },
    wrong: [
      ...given('session', id),
      ['n', -1],
      ['cursor', -1],
      ['heads.c_1', -1],
      ...all('limit', [0, 501, '5']),
      ...all('close', [1, 'yes', null]),
      ...all('frames', [undefined, {}, Array(101).fill({ type: 'ping' })]),
      ['frames[1]', '{"type":"ping"}'],
      ...all('wait', [-1, 26, 1.5, '5']),
    ],
  },
};

/** A copy of the good value with the wrong one in its place. */
export function spoiled(sample: Sample, [field, value]: Wrong): Record<string, unknown> {
  const copy = structuredClone(sample.good);
  const keys = field.split(/[.[\]]+/).filter((key) => key !== '');
  const last = keys.pop() ?? '';
  const parent = keys.reduce<Record<string, unknown>>(
    (inner, key) => inner[key] as Record<string, unknown>,
    copy,
  );
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return copy;
}
