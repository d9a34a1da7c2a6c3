import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { unstable_readConfig } from 'wrangler';

test('a deploy replaces the code of objects as we chose, and the wrangler we have knows how', () => {
  const warnings = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const config = unstable_readConfig({
    config: fileURLToPath(new URL('../../wrangler.toml', import.meta.url)),
  });
  expect(config.durable_objects.code_update_strategy).toEqual({ mode: 'deferred', max_delay: 300 });
  // A key that wrangler doesn't know is a warning, and nothing comes of it.
  expect(warnings.mock.calls.flat()).toEqual([]);
});
