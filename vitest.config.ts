import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

const inRoot = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const migrationsDir = inRoot('./schema/d1/migrations');
const minute = 60_000;

/** Limits of time only end what hangs. None is a measurement: a machine may be busy with other things as well. */
const patience = {
  testTimeout: 10 * minute,
  hookTimeout: 10 * minute,
  teardownTimeout: minute,
  expect: { poll: { timeout: minute } },
};

/** The runner would leave one core idle, which is half of a machine with two. */
const cores = availableParallelism();
/** Files that start a service, and maybe a browser: each takes a gigabyte and more than a core. */
const services = { maxWorkers: Math.min(cores, 4), globalSetup: './test/support/build.ts' };

// First what starts no server. Within a group the files of both projects share the workers.
export default defineConfig({
  test: {
    passWithNoTests: true,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/{unit,contract,sim}/**/*.test.{ts,tsx}'],
          ...patience,
          maxWorkers: cores,
          sequence: { groupOrder: 1 },
        },
      },
      {
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: inRoot('./wrangler.toml') },
            miniflare: {
              cf: false,
              bindings: {
                PARLEY_SIGNING_KEY: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8',
                TEST_MIGRATIONS: existsSync(migrationsDir) ? await readD1Migrations(migrationsDir) : [],
              },
            },
          })),
        ],
        test: {
          name: 'workers',
          include: ['test/workers/**/*.test.ts'],
          setupFiles: ['./test/workers/setup.ts'],
          ...patience,
          maxWorkers: cores,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'system',
          include: ['test/system/**/*.test.ts'],
          ...patience,
          ...services,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          ...patience,
          ...services,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
