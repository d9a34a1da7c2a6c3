import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DOWN } from '../../../schema/protocol/down.ts';
import { ERRORS } from '../../../schema/protocol/errors.ts';
import { ROUTES } from '../../../schema/protocol/http.ts';
import { errorsOf, TAGS } from '../../../schema/protocol/http-route.ts';
import { KNOWS, MAX_KNOWN, NEEDS } from '../../../schema/protocol/knows.ts';
import { DEFAULT_LIMITS } from '../../../schema/protocol/limits.ts';
import { UP } from '../../../schema/protocol/up.ts';
import { asyncapi } from '../../../scripts/docs/asyncapi.ts';
import { openapi } from '../../../scripts/docs/openapi.ts';
import { lintDocs } from '../../../scripts/lint-docs.ts';

const page = readFileSync(new URL('../../../docs/protocol.md', import.meta.url), 'utf8');
/** Rows of the tables under a heading. */
const rowsUnder = (heading: string): string[] => {
  const section = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| --'))
    .map((line) => line.replace(/ +/g, ' '));
};
const fieldsOf = (json: { readonly [key: string]: unknown }): string[] =>
  Object.keys(json.properties as object).filter((field) => field !== 'type');

describe('docs/protocol.md', () => {
  test.each(ROUTES.map((r) => [`${r.method} ${r.path}`, r] as const))('has %s', (name, route) => {
    const row = rowsUnder('HTTP').find((line) => line.includes(`\`${name}\``));
    expect(row, name).toBeDefined();
    expect(row?.includes('○'), 'marked ○ when it is open').toBe(route.open === true);
    for (const [status] of Object.entries(route.answers).filter(([status]) => status !== '101'))
      expect(row).toContain(status);
    for (const field of route.body ? fieldsOf(route.body.json) : []) expect(row).toContain(field);
    for (const field of route.query ? fieldsOf(route.query.json) : []) expect(row).toContain(field);
  });

  test('has no other routes', () => {
    const named = rowsUnder('HTTP').flatMap((row) => row.match(/^\| (?:○ )?`([A-Z]+ \/\S+)`/)?.[1] ?? []);
    expect(named.sort()).toEqual(ROUTES.map((r) => `${r.method} ${r.path}`).sort());
  });

  describe.each([
    ['Frames up', UP],
    ['Frames down', DOWN],
  ])('%s', (heading, frames) => {
    test.each(Object.entries(frames))('has %s with its fields', (type, check) => {
      const row = rowsUnder(heading).find((line) => line.startsWith(`| \`${type}\` |`));
      expect(row, type).toBeDefined();
      // A message is written out once, under "Values".
      if (type !== 'message') for (const field of fieldsOf(check.json)) expect(row).toContain(`\`${field}`);
    });

    test('has no others', () => {
      const named = rowsUnder(heading).flatMap((row) => row.match(/^\| `(\w+)` \|/)?.[1] ?? []);
      expect(named.sort()).toEqual(Object.keys(frames).sort());
    });
  });

  test('has every error with its status and close code, and no other', () => {
    const rows = rowsUnder('Errors').slice(1);
    expect(rows).toHaveLength(Object.keys(ERRORS).length);
    for (const [code, { status, close }] of Object.entries(ERRORS)) {
      const row = rows.find((line) => line.startsWith(`| \`${code}\` | ${status} |`));
      expect(row, code).toContain(close === 0 ? '| – |' : `| ${close}`);
    }
  });

  test('has every name of what was added, and no other', () => {
    const named = rowsUnder('Who knows what').flatMap(
      (row) => row.match(/^\| `([a-z0-9.-]+)` \|/)?.[1] ?? [],
    );
    expect(named.sort()).toEqual([...KNOWS].sort());
    expect(KNOWS.length).toBeLessThanOrEqual(MAX_KNOWN);
    expect(Object.values(NEEDS).filter((name) => !KNOWS.includes(name))).toEqual([]);
  });

  test('has every limit with its default, and no other', () => {
    const rows = rowsUnder('Limits').slice(1);
    expect(rows).toHaveLength(Object.keys(DEFAULT_LIMITS).length);
    for (const [key, value] of Object.entries(DEFAULT_LIMITS))
      expect(
        rows.some((line) => line.startsWith(`| \`${key}\` | ${value} |`)),
        key,
      ).toBe(true);
  });
});

describe('the table of routes', () => {
  test('names each operation once', () => {
    expect(new Set(ROUTES.map((r) => r.id)).size).toBe(ROUTES.length);
    expect(new Set(ROUTES.map((r) => `${r.method} ${r.path}`)).size).toBe(ROUTES.length);
  });

  test.each(ROUTES.map((r) => [r.id, r] as const))('%s is complete', (_, route) => {
    expect(route.path).toMatch(/^\/v1(\/([a-z]+|:\w+))+$/);
    expect(TAGS).toHaveProperty(route.tag);
    expect(Object.keys(route.answers).length).toBeGreaterThan(0);
    expect(route.body === undefined || route.method !== 'GET').toBe(true);
    const errors = errorsOf(route);
    expect(errors).toContain('internal');
    expect(errors.includes('session_ended') || route.open === true).toBe(true);
  });
});

describe('the published documents', () => {
  test('have no problem that their linters find', async () => {
    expect(await lintDocs()).toBe('');
  });

  test('OpenAPI has every route', () => {
    const { paths } = openapi() as { paths: Record<string, Record<string, { operationId: string }>> };
    const ids = Object.values(paths).flatMap((path) => Object.values(path).map((op) => op.operationId));
    expect(ids.sort()).toEqual(ROUTES.map((r) => r.id).sort());
  });

  test('AsyncAPI has every frame with a description', () => {
    const { components } = asyncapi() as { components: { messages: Record<string, { summary: string }> } };
    const wanted = [...Object.keys(UP).map((t) => `up-${t}`), ...Object.keys(DOWN).map((t) => `down-${t}`)];
    expect(Object.keys(components.messages).sort()).toEqual(wanted.sort());
    for (const { summary } of Object.values(components.messages)) expect(summary).toMatch(/\.$/);
  });

  test('every reference leads somewhere', () => {
    for (const document of [openapi(), asyncapi()]) {
      for (const [, pointer = ''] of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
        const found = pointer
          .split('/')
          .reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], document);
        expect(found, pointer).toBeDefined();
      }
    }
  });
});
