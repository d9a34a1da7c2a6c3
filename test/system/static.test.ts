import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ServiceProcess, temporaryFolder } from '../support/system-service.ts';

/** The web app's files as the real service hands them out, from the build of the app. */
const folder = temporaryFolder();
let service: ServiceProcess;
let shell: string;

beforeAll(async () => {
  service = await ServiceProcess.start({ data: folder.path });
  shell = await (await fetch(service.url)).text();
});
afterAll(async () => {
  await service?.end();
  folder[Symbol.dispose]();
});

const get = async (path: string, headers: Record<string, string> = {}) => {
  const response = await fetch(`${service.url}${path}`, { headers });
  return { status: response.status, headers: response.headers, text: await response.text() };
};
/** What the shell names, by its path. */
const named = (): string[] => [...shell.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path = '']) => path);

describe('the shell', () => {
  test.each(['/', '/index.html', '/c/g_some-conversation', '/settings'])(
    '%s: no script runs but files of this origin, and it is asked for anew each time',
    async (path) => {
      const { status, headers, text } = await get(path);
      expect([status, text]).toEqual([200, shell]);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy.split('; ')).toContain("script-src 'self'");
      expect(policy).not.toContain('unsafe');
      expect(policy).toContain(`ws://${new URL(service.url).host}`);
      expect(headers.get('cache-control')).toBe('no-cache');
    },
  );

  test('holds nothing that its policy forbids', () => {
    expect(shell).toContain('<script');
    for (const [, attributes = '', body = ''] of shell.matchAll(/<script([^>]*)>(.*?)<\/script>/gs)) {
      expect(attributes).toMatch(/src="\//);
      expect(body).toBe('');
    }
    expect(shell).not.toMatch(/<style|\sstyle=|\son[a-z]+=/);
  });
});

describe('files', () => {
  test('named by their content are kept for good; all others are asked for anew, cheaply', async () => {
    const paths = named();
    expect(paths.some((path) => path.startsWith('/assets/') && path.endsWith('.js'))).toBe(true);
    for (const path of [...paths, '/openapi.json', '/asyncapi.json']) {
      const { status, headers } = await get(path);
      expect(status, path).toBe(200);
      const hashed = path.startsWith('/assets/');
      const control = hashed ? 'public, max-age=31536000, immutable' : 'no-cache';
      expect(headers.get('cache-control'), path).toBe(control);
      expect(headers.get('content-type'), path).not.toContain('text/html');
      const again = await get(path, { 'if-none-match': headers.get('etag') ?? '' });
      expect([again.status, again.headers.get('cache-control')], path).toEqual([304, control]);
    }
  });

  test.each(['/assets/x.js', '/assets/x', '/main-0123.js', '/missing.webmanifest'])(
    'P8: %s, which is missing, is 404, never HTML, and never kept',
    async (path) => {
      const { status, headers, text } = await get(path);
      expect([status, headers.get('cache-control')]).toEqual([404, 'no-store']);
      expect(headers.get('content-type')).toBe('application/problem+json');
      expect(text).not.toContain('<');
    },
  );
});
