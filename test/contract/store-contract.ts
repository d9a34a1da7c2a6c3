import { describe, expect, test } from 'vitest';
import type { Store } from '../../client/store.ts';

/** What every store promises; `make` gives an empty one. */
export function storeContract(name: string, make: () => Promise<Store>): void {
  describe(`the store ${name}`, () => {
    test('gives rows of a prefix in the order of their last part, numbers before strings', async () => {
      const store = await make();
      await store.write([
        { key: ['entry', 'c', 10], value: 'ten' },
        { key: ['entry', 'c', 9], value: 'nine' },
        { key: ['entry', 'c2', 1], value: 'other' },
        { key: ['entry', 'd', 1], value: 'other' },
        { key: ['draft', 'c'], value: { text: 'hi' } },
        { key: ['draft', 'b'], value: { text: 'ho' } },
      ]);
      expect(await store.read(['entry', 'c'])).toEqual([
        { key: ['entry', 'c', 9], value: 'nine' },
        { key: ['entry', 'c', 10], value: 'ten' },
      ]);
      expect((await store.read(['draft'])).map(({ key }) => key[1])).toEqual(['b', 'c']);
      expect(await store.read(['entry'])).toEqual([]);
    });

    test('gives a range of numbers', async () => {
      const store = await make();
      await store.write([1, 2, 3, 4, 11].map((seq) => ({ key: ['entry', 'c', seq], value: seq })));
      const values = async (from: number, below?: number) =>
        (await store.read(['entry', 'c'], from, below)).map(({ value }) => value);
      expect(await values(2, 4)).toEqual([2, 3]);
      expect(await values(3)).toEqual([3, 4, 11]);
      expect(await values(5, 11)).toEqual([]);
    });

    test('overwrites, deletes, and forgets', async () => {
      const store = await make();
      await store.write([
        { key: ['draft', 'a'], value: 1 },
        { key: ['draft', 'b'], value: 2 },
      ]);
      await store.write([
        { key: ['draft', 'a'], value: 3 },
        { key: ['draft', 'b'], value: undefined },
        { key: ['draft', 'never'], value: undefined },
      ]);
      expect(await store.read(['draft'])).toEqual([{ key: ['draft', 'a'], value: 3 }]);
      await store.clear();
      expect(await store.read(['draft'])).toEqual([]);
    });

    test('the last write of a key in one call wins', async () => {
      const store = await make();
      await store.write([
        { key: ['outbox', 'x'], value: 1 },
        { key: ['outbox', 'x'], value: undefined },
        { key: ['outbox', 'y'], value: undefined },
        { key: ['outbox', 'y'], value: 2 },
      ]);
      expect(await store.read(['outbox'])).toEqual([{ key: ['outbox', 'y'], value: 2 }]);
    });
  });
}
