import type { Check } from '../schema/protocol/check.ts';
import { parse } from '../schema/protocol/codec.ts';
import { type Failure, fail } from '../schema/protocol/errors.ts';
import { done, type Outcome } from './outcome.ts';

const jsonType = /^(application|text)\/([\w.-]+\+)?json\s*(;|$)/i;

/** A body that takes longer is given up: whoever sends a byte now and then shall not keep a request open. */
const PATIENCE_MS = 10_000;

/** Calls `run` once after `ms`; the answer cancels. */
export type Timer = (ms: number, run: () => void) => () => void;

/**
 * The JSON body of `request`, checked. Holds at most `limit` bytes of it, whatever its headers say, and waits for it
 * for 10 s in all. Failures: `bad_request` (not JSON, or naming the field), `too_large`, `too_slow`.
 */
export async function readBody<T>(
  request: Request,
  check: Check<T>,
  limit: number,
  timer: Timer = platformTimer,
): Promise<Outcome<T>> {
  const type = request.headers.get('content-type');
  if (type !== null && !jsonType.test(type))
    return fail('bad_request', 'content-type: must be application/json');
  const body = await readText(request, limit, timer);
  return body.ok ? parse(check, body.value, limit) : body;
}

async function readText(request: Request, limit: number, timer: Timer): Promise<Outcome<string>> {
  const tooLarge = (): Failure => fail('too_large', `body: at most ${limit} bytes`);
  if (Number(request.headers.get('content-length') ?? 0) > limit) return tooLarge();
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = request.body?.getReader();
  if (!reader) return done('');
  let stop = (): void => {};
  const late = new Promise<typeof tooSlow>((resolve) => {
    stop = timer(PATIENCE_MS, () => resolve(tooSlow));
  });
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });
  let read = 0;
  let text = '';
  try {
    for (;;) {
      const chunk = await Promise.race([reader.read(), late]);
      if ('ok' in chunk) return giveUp(reader, chunk);
      if (chunk.done) return done(text + decoder.decode());
      read += chunk.value.byteLength;
      if (read > limit) return giveUp(reader, tooLarge());
      text += decoder.decode(chunk.value, { stream: true });
    }
  } catch (thrown) {
    return fail(
      'bad_request',
      thrown instanceof TypeError ? 'body: is not UTF-8' : 'body: did not arrive whole',
    );
  } finally {
    stop();
  }
}

const tooSlow = fail('too_slow', `body: must arrive within ${PATIENCE_MS / 1000} s`);

/** Not awaited: a sender that never stops must not hold us up. */
function giveUp(reader: ReadableStreamDefaultReader<Uint8Array>, failure: Failure): Failure {
  reader.cancel().catch(() => {});
  return failure;
}

function platformTimer(ms: number, run: () => void): () => void {
  const timeout = setTimeout(run, ms);
  return () => clearTimeout(timeout);
}
