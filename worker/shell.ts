/** Everything outside /v1: the files of the web app, and its shell for the paths the app itself understands. */
import { fail } from '../schema/protocol/errors.ts';
import type { Env } from './env.ts';
import { problem } from './problem.ts';

/** Files under it are named by their content: one that is there never changes, one that isn't never was HTML. */
const HASHED = '/assets/';

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
  if (file.status !== 404) return withHeaders(file, url);
  await file.body?.cancel();
  if (url.pathname.startsWith(HASHED) || /\.[^/]*$/.test(url.pathname))
    return problem(fail('not_found', 'there is no such file'));
  return serveShell(request, url, env);
}

async function serveShell(request: Request, url: URL, env: Pick<Env, 'ASSETS'>): Promise<Response> {
  // By the name `/`: asked for `/index.html`, the assets answer with a redirect to it.
  const shell = await env.ASSETS.fetch(new Request(new URL('/', url), request));
  if (shell.status === 404) return problem(fail('not_found', 'this deployment comes without the web app'));
  return withHeaders(shell, new URL('/', url));
}

function withHeaders(file: Response, url: URL): Response {
  const answer = new Response(file.body, file);
  const { headers } = answer;
  // A redirect or an error about a hashed name says nothing of its content.
  const hashed = url.pathname.startsWith(HASHED) && (file.ok || file.status === 304);
  // Whatever is not named by its content is asked for again each time: an old shell names files that are gone, an old
  // service worker would keep the whole app old.
  headers.set('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
  headers.set('x-content-type-options', 'nosniff');
  const isPage = url.pathname === '/' || headers.get('content-type')?.startsWith('text/html');
  if (isPage) for (const [name, value] of Object.entries(pageHeaders(url.host))) headers.set(name, value);
  return answer;
}

/**
 * Nothing but our own files runs, nothing is sent elsewhere, and nobody frames the app. Styles that scripts set on an
 * element are allowed by it; `style` attributes and elements in HTML are not.
 */
function pageHeaders(host: string): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    // Browsers differ on whether 'self' covers sockets.
    `connect-src 'self' ws://${host} wss://${host}`,
    "worker-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ];
  return {
    'content-security-policy': policy.join('; '),
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
  };
}
