import type { Check } from '../schema/protocol/check.ts';
import { parse } from '../schema/protocol/codec.ts';
import { type Failure, fail } from '../schema/protocol/errors.ts';
import { done, type Outcome } from './outcome.ts';

const jsonType = /^(application|text)\/([\w.-]+\+)?json\s*(;|$)/i;

/**
 * The JSON body of `request`, checked. Holds at most `limit` bytes of it, whatever its headers say.
 * Failures: `bad_request` (not JSON, or naming the field), `too_large`.
 */
export async function readBody<T>(request: Request, check: Check<T>, limit: number): Promise<Outcome<T>> {
  const type = request.headers.get('content-type');
  if (type !== null && !jsonType.test(type))
    return fail('bad_request', 'content-type: must be application/json');
  const body = await readText(request, limit);
  return body.ok ? parse(check, body.value, limit) : body;
}

async function readText(request: Request, limit: number): Promise<Outcome<string>> {
  const tooLarge = (): Failure => fail('too_large', `body: at most ${limit} bytes`);
  if (Number(request.headers.get('content-length') ?? 0) > limit) return tooLarge();
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = request.body?.getReader();
  let read = 0;
  let text = '';
  try {
    for (;;) {
      const chunk = await reader?.read();
      if (!chunk || chunk.done) return done(text + decoder.decode());
      read += chunk.value.byteLength;
      if (read > limit) {
        // Not awaited: a sender that never stops must not hold us up.
        reader?.cancel().catch(() => {});
        return tooLarge();
      }
      text += decoder.decode(chunk.value, { stream: true });
    }
  } catch (thrown) {
    return fail(
      'bad_request',
      thrown instanceof TypeError ? 'body: is not UTF-8' : 'body: did not arrive whole',
    );
  }
}
