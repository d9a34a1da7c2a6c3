import { describe, expect, test } from 'vitest';
import { Members, mayChange } from '../../../../objects/conversation/members.ts';
import type { MemberRow } from '../../../../objects/conversation/store.ts';
import { emptyStore, memberRow, message, Talk } from './support.ts';

type Change = Parameters<typeof mayChange>[2];
type Who = 'owner' | 'admin' | 'member';
const ROLES: readonly Who[] = ['owner', 'admin', 'member'];

const add: Change = { type: 'add' };
const rename: Change = { type: 'rename' };
const kick: Change = { type: 'remove' };
const roleTo = (role: Who): Change => ({ type: 'role', role });

/** Whether somebody may do this to another member of each role. */
const TABLE: readonly [Who, string, Change, Record<Who, boolean>][] = [
  ['owner', 'add', add, { owner: true, admin: true, member: true }],
  ['admin', 'add', add, { owner: true, admin: true, member: true }],
  ['member', 'add', add, { owner: false, admin: false, member: false }],
  ['owner', 'rename', rename, { owner: true, admin: true, member: true }],
  ['admin', 'rename', rename, { owner: true, admin: true, member: true }],
  ['member', 'rename', rename, { owner: false, admin: false, member: false }],
  ['owner', 'remove', kick, { owner: false, admin: true, member: true }],
  ['admin', 'remove', kick, { owner: false, admin: false, member: true }],
  ['member', 'remove', kick, { owner: false, admin: false, member: false }],
  ['owner', 'make admin', roleTo('admin'), { owner: true, admin: true, member: true }],
  ['admin', 'make admin', roleTo('admin'), { owner: false, admin: false, member: false }],
  ['member', 'make admin', roleTo('admin'), { owner: false, admin: false, member: false }],
];

describe.each(TABLE)('P7 %s of a group who wants to %s', (by, _, change, allowed) => {
  test.each(ROLES)('where it is about %s', (role) => {
    const refused = mayChange('group', memberRow(0, { role: by }), change, memberRow(1, { role }));
    expect(refused?.code).toBe(allowed[role] ? undefined : 'forbidden');
  });
});

test.each(ROLES)('P7 %s may leave', (role) => {
  const me = memberRow(0, { role });
  expect(mayChange('group', me, kick, me)).toBeUndefined();
});

test.each([add, rename, kick, roleTo('admin')])(
  'nothing of a direct conversation changes: $type',
  (change) => {
    const me = memberRow(0, { role: 'owner' });
    for (const target of [me, memberRow(1), undefined])
      expect(mayChange('direct', me, change, target)?.code).toBe('forbidden');
  },
);

describe('who owns the group when its owner goes', () => {
  const heirOf = (...rest: MemberRow[]): string | undefined => {
    const { store } = emptyStore();
    const owner = memberRow(0, { role: 'owner' });
    for (const m of [owner, ...rest]) store.putMember(m);
    return new Members(store).heir(owner)?.user;
  };
  const admin = { role: 'admin' } as const;
  const cases: [string, MemberRow[], string | undefined][] = [
    ['nobody is left', [], undefined],
    ['a member', [memberRow(1), memberRow(2)], 'u1'],
    ['an admin before members', [memberRow(1), memberRow(2, admin), memberRow(3, admin)], 'u2'],
    ['another owner is left', [memberRow(1, { role: 'owner' }), memberRow(2)], undefined],
    ['not who left', [memberRow(1, { ...admin, ended: 5 }), memberRow(2)], 'u2'],
    ['not who shunned the invitation', [memberRow(1, { shunned: true }), memberRow(2)], 'u2'],
    ['who came back served from then on', [memberRow(1, { joined: 9 }), memberRow(2, { joined: 3 })], 'u2'],
  ];
  test.each(cases)('%s', (_, rest, expected) => expect(heirOf(...rest)).toBe(expected));

  test('a member who goes leaves nothing behind', () => {
    const { store } = emptyStore();
    const member = memberRow(1);
    for (const m of [memberRow(0, { role: 'owner' }), member]) store.putMember(m);
    expect(new Members(store).heir(member)).toBeUndefined();
  });
});

describe('a membership in the core', () => {
  test('P7 ends at once and on every path, and begins again with the same number', () => {
    const talk = new Talk('group', ['ada', 'bob', 'cyd']);
    talk.append('bob', message('a'));
    expect(talk.core.removeMember('ada', 'bob')).toMatchObject({ ok: true, status: 204 });
    const refused = [
      talk.append('bob', message('b')),
      talk.core.pull({ user: 'bob', limit: 10 }),
      talk.core.history({ user: 'bob', view: 'messages', limit: 10 }),
      talk.core.summary('bob'),
      talk.core.members('bob', undefined, 10),
      talk.core.rename('bob', 'mine'),
      talk.core.removeMember('bob', 'cyd'),
    ];
    expect(refused.map((answer) => !answer.ok && answer.code)).toEqual(refused.map(() => 'not_found'));
    talk.core.setMember('ada', 'bob', undefined, false);
    expect(talk.append('bob', message('a'))).toMatchObject({ results: [{ seq: 1, duplicate: true }] });
  });

  test('P7 an outsider hears the same of a conversation that is there and of one that is not', () => {
    const talk = new Talk('group', ['ada', 'bob']);
    const nothing = new Talk('group', []);
    expect(talk.core.summary('eve')).toMatchObject({ ok: false, code: 'not_found' });
    expect(nothing.core.summary('eve')).toEqual(talk.core.summary('eve'));
    expect(nothing.append('eve', message('a'))).toEqual(talk.append('eve', message('a')));
  });

  test('the owner who leaves hands over, in the log and for good', () => {
    const talk = new Talk('group', ['ada', 'bob', 'cyd']);
    talk.core.setMember('ada', 'cyd', 'admin', false);
    talk.core.removeMember('ada', 'ada');
    talk.restart();
    expect(talk.body(talk.core.members('bob', undefined, 10))['members']).toMatchObject([
      { user: 'bob', role: 'member' },
      { user: 'cyd', role: 'owner' },
    ]);
    const { entries } = talk.body(talk.core.history({ user: 'bob', view: 'log', limit: 10 }));
    expect(entries).toMatchObject([
      { user: 'cyd', change: 'role', role: 'admin' },
      { user: 'cyd', change: 'role', role: 'owner' },
      { user: 'ada', change: 'left' },
    ]);
  });
});
