import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take longest, the longest of all first. */
const LONG = [
  'sim/mutations',
  'sim/simulation',
  'sim/more-seeds',
  'sim/client/client-sim',
  'workers/identity/refresh',
  'unit/protocol/fuzz',
  'workers/identity/devices',
  'workers/errors',
  'unit/client/engine-sim',
  'workers/eviction',
  'browser/screens',
  'system/crash',
  'system/versions/contract',
  'browser/long-timeline',
  'browser/chat',
  'system/serve',
  'browser/timeline',
  'system/replay',
  'browser/list',
  'browser/account',
  'system/client-soak',
  'system/server-contract',
  'browser/away',
  'system/versions/deploy',
];

/** No worker waits at the end for a file that was begun late. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = LONG.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return at < 0 ? LONG.length : at;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}
