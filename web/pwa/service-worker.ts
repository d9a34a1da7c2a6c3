// Opens the app without a network: keeps the shell and its files, exactly as they were built together. What people say
// never comes near it: everything under /v1 goes past. A new version waits until the person lets it take over.
import { SHELL_CACHE } from './cache-name.ts';
import { TAKE_OVER } from './messages.ts';

declare const self: ServiceWorkerGlobalScope;
/** Put in by the build: everything the app needs to open, `/` being the shell. Empty while it is developed. */
declare const FILES: readonly string[];
/** Changes with the content of any of them. */
declare const VERSION: string;

const CACHE = `${SHELL_CACHE}${VERSION}`;
const files = new Set(FILES);

self.addEventListener('install', (event) => {
  // Without files there is nothing two versions could disagree about.
  if (files.size === 0) event.waitUntil(self.skipWaiting());
  else event.waitUntil(fill());
});

self.addEventListener('activate', (event) => event.waitUntil(takeOver()));

self.addEventListener('message', (event) => {
  if (event.data === TAKE_OVER) event.waitUntil(self.skipWaiting());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin || files.size === 0) return;
  const path = request.mode === 'navigate' && isPage(url.pathname) ? '/' : url.pathname;
  if (files.has(path)) event.respondWith(answer(path, request));
});

/** An address of the app; with an extension it would be a file, and the service's own are under /v1. */
const isPage = (path: string): boolean => !path.startsWith('/v1/') && !/\.[^/]*$/.test(path);

async function fill(): Promise<void> {
  const cache = await caches.open(CACHE);
  // Past the browser's own cache, which may still hold what was there before.
  await cache.addAll(FILES.map((path) => new Request(path, { cache: 'reload' })));
}

async function takeOver(): Promise<void> {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(SHELL_CACHE) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function answer(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) ?? fetch(request);
}
