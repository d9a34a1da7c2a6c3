import { fail } from '../../schema/protocol/errors.ts';
import { answer, type Handle, type Incoming, toResponse } from './http.ts';
import type { World } from './world.ts';

/** Requests that do no harm when they come twice. */
const repeatable = (method: string, path: string): boolean =>
  method === 'GET' || path === '/v1/poll' || path.endsWith('/messages');

/** `fetch` for every route, with what can happen to a request on its way. */
export function createFetch(world: World, handle: Handle): typeof globalThis.fetch {
  const { plan, clock } = world;

  const carryOut = async (incoming: Incoming): Promise<Response> => {
    const { method, url } = incoming;
    const failure = plan.httpFailure(method, url.pathname);
    if (failure === 'network') throw unreachable();
    if (failure) {
      const retryAfter = failure === 'rate_limited' ? 1 : undefined;
      return toResponse(fail(failure, 'this request was chosen to fail', retryAfter), clock.now());
    }
    const lost = plan.chance('drop');
    const onTheWayThere = lost && world.random() < 0.5;
    if (onTheWayThere) throw unreachable();
    if (repeatable(method, url.pathname) && plan.chance('duplicate')) await answer(world, handle, incoming);
    const answered = await answer(world, handle, incoming);
    if (lost || plan.isDown) throw unreachable();
    return toResponse(answered, clock.now());
  };

  return async (input, init) => {
    const request = new Request(input, init);
    const { method, signal } = request;
    const incoming = {
      method,
      url: new URL(request.url),
      headers: request.headers,
      body: await request.text(),
    };
    signal.throwIfAborted();
    const delay = plan.extraDelay();
    if (delay > 0) await new Promise<void>((done) => void clock.after(delay, done));
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      carryOut(incoming).then(resolve, reject);
    });
  };
}

/** What `fetch` says when there is no answer. */
const unreachable = (): TypeError => new TypeError('fetch failed');
