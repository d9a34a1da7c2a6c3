import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';

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

// Projects run one after the other (groupOrder): system and browser tests measure time and start servers.
export default defineConfig({
  test: {
    passWithNoTests: true,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/{unit,contract,sim}/**/*.test.{ts,tsx}'],
          ...patience,
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
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'system',
          include: ['test/system/**/*.test.ts'],
          fileParallelism: false,
          ...patience,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          fileParallelism: false,
          ...patience,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
