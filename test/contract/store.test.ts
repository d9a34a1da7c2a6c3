import 'fake-indexeddb/auto';
import { describe, expect, test } from 'vitest';
import { indexedDbStore, memoryStore } from '../../client/store.ts';
import { storeContract } from './store-contract.ts';

let databases = 0;

storeContract('in memory', async () => memoryStore());
storeContract('in IndexedDB', async () => indexedDbStore(`contract ${databases++}`));

describe('IndexedDB', () => {
  test('what one store wrote another of the same name reads', async () => {
    const name = `shared ${databases++}`;
    await indexedDbStore(name).write([{ key: ['draft', 'a'], value: 1 }]);
    expect(await indexedDbStore(name).read(['draft'])).toEqual([{ key: ['draft', 'a'], value: 1 }]);
  });

  test('a write with something that cannot be kept fails as a whole', async () => {
    const store = indexedDbStore(`broken ${databases++}`);
    const write = store.write([
      { key: ['draft', 'a'], value: 1 },
      { key: ['draft', 'b'], value: () => {} },
    ]);
    await expect(write).rejects.toThrow();
    expect(await store.read(['draft'])).toEqual([]);
  });
});
