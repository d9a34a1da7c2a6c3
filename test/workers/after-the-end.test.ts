import { expect, test } from 'vitest';
import { Line } from './support/line.ts';
import { secondDevice, three } from './support/people.ts';
import { ask, direct, expectStatus, group, removeMember, setMember, textOf } from './support/site.ts';

test.each(['removed', 'left'] as const)(
  'P7 who was %s gets the entry that says so, and nothing after it',
  async (how) => {
    const [ada, bob, cy] = await three();
    const conversation = await group(ada, [bob, cy]);
    const aside = await direct(ada, cy);
    const away = await secondDevice(cy);
    const early = await Line.open(away);
    const { cursor } = await early.first('synced');
    early.close();
    await early.closed;

    const [a, b, gone] = [await Line.open(ada), await Line.open(bob), await Line.open(cy)];
    await gone.say(conversation, 'm1');
    await Promise.all([a.reaches(conversation, 1), b.reaches(conversation, 1)]);
    expectStatus(await removeMember(how === 'left' ? cy : ada, conversation, cy.id), 204);
    await gone.first('member', (m) => m.user === cy.id && m.change === how);
    const before = gone.frames.length;

    // Everything a conversation can say: messages, changes, receipts, roles, its title.
    await a.say(conversation, 'secret');
    await b.reaches(conversation, 3);
    a.send({ type: 'edit', clientId: 'e', conversation, seq: 3, content: textOf('more secret') });
    b.send({ type: 'react', clientId: 'r', conversation, seq: 1, emoji: '+', on: true });
    b.send({ type: 'read', conversation, seq: 3 });
    b.send({ type: 'typing', conversation, on: true });
    await Promise.all([a.ack('e'), b.ack('r')]);
    a.send({ type: 'delete', clientId: 'd', conversation, seq: 1 });
    expectStatus(await setMember(ada, conversation, bob.id, 'admin'), 200);
    expectStatus(await ask(ada, 'PATCH', `/v1/conversations/${conversation}`, { title: 'Secret' }), 200);
    const head = 8;
    await Promise.all([a.reaches(conversation, head), b.reaches(conversation, head)]);
    await a.first('receipt', (r) => r.conversation === conversation && (r.readCount ?? 0) === 1);

    // What was said later elsewhere has come, so what was to come of this has.
    await a.say(aside, 'later');
    await gone.first('message', (m) => m.conversation === aside);
    const after = gone.frames.slice(before).map((frame) => JSON.stringify(frame));
    expect(after.filter((text) => text.includes(conversation))).toEqual([]);

    const back = await Line.open(away, { hello: { cursor } });
    const entries = back
      .of('batch')
      .filter((f) => f.conversation === conversation)
      .flatMap((f) => f.entries);
    expect(entries).toMatchObject([{ type: 'member', seq: 2, user: cy.id, change: how }]);
    expect(JSON.stringify(back.frames)).not.toMatch(/secret/i);
  },
);
