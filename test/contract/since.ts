import { type TestContext, test } from 'vitest';
import { isAfter } from '../../scripts/release-text.mjs';
import type { Service } from './server/device.ts';

/** What `/v1/health` says; of a service put together of two releases, the older. */
export async function releaseOf({ url, fetch, release }: Service): Promise<string> {
  if (release !== undefined) return release;
  const { version } = (await (await fetch(`${url}/v1/health`)).json()) as { version: string };
  return version;
}

/**
 * Tests of what came with a release: `since('0.2.0', open)('P4: …', async () => …)`. A service that is older is not asked
 * for it. This is the only place where a contract test is left out.
 */
export const since =
  (release: string, open: () => Service) =>
  (name: string, body: (context: TestContext) => Promise<void>): void =>
    test(name, async (context: TestContext) => {
      if (isAfter(release, await releaseOf(open()))) context.skip(`came with ${release}`);
      await body(context);
    });
