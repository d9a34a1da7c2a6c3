import { expect, test } from 'vitest';
import type { Service } from './device.ts';
import { crowd, direct, PASSWORD } from './people.ts';

export function prefsContract(open: () => Service): void {
  test('how a user keeps a conversation is the same on all their devices, and nobody else’s business', async () => {
    const { ada, ben } = await crowd(open());
    const id = await direct(ada, ben);
    const laptop = await ada.again(PASSWORD);
    const [phone, other, bens] = [await ada.connect(), await laptop.connect(), await ben.connect()];
    const away = other.of('welcome')[0]!.cursor;
    expect(await ada.summary(id)).not.toHaveProperty('prefs');
    const change = { pinned: true, mutedUntil: 2_000_000_000_000, archived: true, unread: true };
    const set = await ada.api('PATCH', `/conversations/${id}/prefs`, change);
    expect(set).toEqual({
      pinned: expect.any(Number),
      mutedUntil: 2_000_000_000_000,
      archived: true,
      unread: true,
    });
    const frame = await other.frame('prefs');
    expect(frame).toMatchObject({ conversation: id, prefs: set, cursor: expect.any(Number) });
    await phone.frame('prefs');
    expect((await ada.summary(id)).prefs).toEqual(set);
    expect(await ben.summary(id)).not.toHaveProperty('prefs');
    // Left out stays; pinning again keeps the time.
    const partly = await ada.api('PATCH', `/conversations/${id}/prefs`, {
      mutedUntil: null,
      archived: false,
      pinned: true,
    });
    expect(partly).toEqual({ pinned: (set as { pinned: number }).pinned, unread: true });

    await ben.say(id, 'hello');
    await phone.frame('message');
    phone.send({ type: 'read', conversation: id, seq: 1 });
    const cleared = await other.frame('prefs', ({ prefs }) => prefs.unread === undefined);
    expect(cleared.prefs).toEqual({ pinned: (set as { pinned: number }).pinned });
    const again = await laptop.connect({ cursor: away, heads: { [id]: 1 } });
    expect(again.of('prefs')).toMatchObject([{ conversation: id, prefs: cleared.prefs }]);
    expect(await ada.api('PATCH', `/conversations/${id}/prefs`, { pinned: false })).toEqual({});
    expect(await ada.summary(id)).not.toHaveProperty('prefs');
    await bens.settle(id);
    expect(bens.of('prefs')).toEqual([]);
  });

  test('prefs that are none are refused', async () => {
    const { ada, ben, eve } = await crowd(open());
    const id = await direct(ada, ben);
    for (const body of [{ pinned: 1 }, { mutedUntil: 'soon' }, { archived: null }, []])
      expect(await ada.refused('PATCH', `/conversations/${id}/prefs`, body)).toBe('bad_request');
    expect(await eve.refused('PATCH', `/conversations/${id}/prefs`, { pinned: true })).toBe('not_found');
  });
}
