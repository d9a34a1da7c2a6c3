import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take longest, the longest of all first. */
const LONG = [
  'sim/simulation',
  'sim/more-seeds',
  'sim/client/client-sim',
  'unit/protocol/fuzz',
  'workers/members-only',
  'workers/eviction',
  'workers/identity/auth',
  'browser/screens',
  'system/crash',
  'system/server-contract',
  'browser/long-timeline',
  'browser/chat',
  'browser/timeline',
  'system/serve',
  'browser/list',
  'browser/account',
  'browser/away',
  'system/replay',
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
