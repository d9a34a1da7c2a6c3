import { expect } from 'vitest';
import type { Down } from '../../../schema/protocol/down.ts';
import { KNOWS } from '../../../schema/protocol/knows.ts';
import { since } from '../since.ts';
import { Line, type Service } from './device.ts';
import { newcomer } from './people.ts';

export function knowingContract(open: () => Service): void {
  since('0.2.0', open)('welcome says what the service knows, whatever the client knows', async () => {
    const ada = await newcomer(open(), 'ada');
    for (const hello of [{}, { knows: [] }, { knows: ['welcome.again', 'of.tomorrow'] }]) {
      const line = await ada.connect(hello);
      expect(line.of('welcome')).toMatchObject([{ knows: KNOWS }]);
      line.hangUp();
    }
  });

  since('0.2.0', open)('P8: a list that is too long, or of no names, is refused by name', async () => {
    const ada = await newcomer(open(), 'ada');
    const line = (await Line.silent(ada))!;
    for (const knows of [Array(33).fill('a'), ['A'], 'a']) line.raw(JSON.stringify({ type: 'hello', knows }));
    await line.until(() => line.of('error').length === 3);
    expect(line.of('error').map(({ code }) => code)).toEqual(Array(3).fill('bad_request'));
    line.send({ type: 'hello', knows: Array.from({ length: 32 }, (_, i) => `name-${i}`) });
    await line.frame('synced');
  });

  since('0.2.0', open)('a session of long polling says so in its body', async () => {
    const ada = await newcomer(open(), 'ada');
    const body = { frames: [], wait: 5, knows: ['of.tomorrow'] };
    const { frames } = await ada.api<{ frames: Down[] }>('POST', '/poll', body);
    expect(frames[0]).toMatchObject({ type: 'welcome', knows: KNOWS });
    expect(await ada.refused('POST', '/poll', { ...body, knows: ['A'] })).toBe('bad_request');
  });
}
