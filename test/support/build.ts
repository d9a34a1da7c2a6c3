import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Builds what services and pages are made of, once and before all files that start one, if it isn't there already. */
export async function setup(): Promise<void> {
  for (const part of ['web', 'worker', 'sdk']) {
    const script = fileURLToPath(new URL(`../../scripts/build-${part}.mjs`, import.meta.url));
    // What people get; the test runner would have it otherwise.
    await promisify(execFile)(process.execPath, [script], {
      env: { ...process.env, NODE_ENV: 'production' },
    });
  }
}
