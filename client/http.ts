import { ParleyError } from './errors.ts';
import type { TokenSource } from './types.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * One request under `/v1`, such as `api('POST', '/conversations', body)`; `T` is what PROTOCOL says it answers, and
 * undefined for 204.
 * @throws ParleyError with the code of the problem, or `network` when there was no answer
 */
export type Api = <T = unknown>(method: Method, path: string, body?: unknown) => Promise<T>;

export interface HttpOptions {
  readonly url: string;
  readonly fetch?: typeof globalThis.fetch | undefined;
  readonly signal?: AbortSignal;
}

/** A request without a token. Answers the headers too, for the service's clock. */
export async function request<T>(
  { url, fetch = globalThis.fetch, signal }: HttpOptions,
  method: Method,
  path: string,
  body?: unknown,
  token?: string,
): Promise<{ readonly body: T; readonly headers: Headers }> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${url.replace(/\/+$/, '')}/v1${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
    text = await response.text();
  } catch (cause) {
    throw new ParleyError('network', 'The service could not be reached', { cause });
  }
  const value = parse(text);
  if (!response.ok) throw problem(response, value);
  return { body: value as T, headers: response.headers };
}

/** An `Api` that asks `getToken`, and once more with `force` when the token is refused, or its session has ended. */
export function createApi(options: HttpOptions & { readonly getToken: TokenSource }): Api {
  return async <T>(method: Method, path: string, body?: unknown): Promise<T> => {
    try {
      return (await request<T>(options, method, path, body, await options.getToken())).body;
    } catch (error) {
      // Some sources begin a new session then; the others say again that it has ended.
      const refused = ['unauthenticated', 'session_ended'];
      if (!(error instanceof ParleyError && refused.includes(error.code))) throw error;
      return (await request<T>(options, method, path, body, await options.getToken({ force: true }))).body;
    }
  };
}

function parse(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // A proxy's error page; the status says enough.
    return undefined;
  }
}

function problem(response: Response, body: unknown): ParleyError {
  const given: Record<string, unknown> = typeof body === 'object' && body !== null ? { ...body } : {};
  const fallback = response.status >= 500 ? 'unavailable' : 'bad_request';
  const code = typeof given.code === 'string' ? given.code : fallback;
  const detail = [given.detail, given.title].find((text) => typeof text === 'string' && text !== '');
  const header = Number(response.headers.get('retry-after') ?? Number.NaN);
  const retryAfter = typeof given.retryAfter === 'number' ? given.retryAfter : header;
  return new ParleyError(
    code,
    typeof detail === 'string' ? detail : `The service answered ${response.status}`,
    {
      status: response.status,
      ...(Number.isFinite(retryAfter) ? { retryAfter } : {}),
    },
  );
}
