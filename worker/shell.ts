/** Everything outside /v1: the files of the web app, and its shell for the paths the app itself understands. */
import { fail } from '../schema/protocol/errors.ts';
import type { Env } from './env.ts';
import { problem } from './problem.ts';

/**
 * A file, or the app's shell. A path with an extension names a file: a missing one is 404 and never kept, or a cache
 * would hold the shell in the place of a script.
 */
export async function serveWeb(request: Request, env: Pick<Env, 'ASSETS'>): Promise<Response> {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return problem(fail('not_found', 'there is nothing here'));
  const url = new URL(request.url);
  if (url.pathname === '/' || url.pathname === '/index.html') return serveShell(request, url, env);
  const file = await env.ASSETS.fetch(request);
  if (file.status !== 404) return file;
  await file.body?.cancel();
  if (/\.[^/]*$/.test(url.pathname)) return problem(fail('not_found', 'there is no such file'));
  return serveShell(request, url, env);
}

async function serveShell(request: Request, url: URL, env: Pick<Env, 'ASSETS'>): Promise<Response> {
  // By the name `/`: asked for `/index.html`, the assets answer with a redirect to it.
  const shell = await env.ASSETS.fetch(new Request(new URL('/', url), request));
  if (shell.status === 404) return problem(fail('not_found', 'this deployment comes without the web app'));
  const answer = new Response(shell.body, shell);
  for (const [name, value] of Object.entries(shellHeaders(url.host))) answer.headers.set(name, value);
  return answer;
}

/** Nothing but our own files runs, nothing is sent elsewhere, and nobody frames the app. */
function shellHeaders(host: string): Record<string, string> {
  const policy = [
    "default-src 'self'",
    // Browsers differ on whether 'self' covers sockets.
    `connect-src 'self' ws://${host} wss://${host}`,
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ];
  return {
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    // The shell names files by their content: an old one would ask for files that are gone.
    'cache-control': 'no-cache',
  };
}
