import { expect, test } from 'vitest';
import { object, text } from '../../../schema/protocol/check.ts';
import { readBody, type Timer } from '../../../worker/body.ts';

const check = object({ word: text({ min: 1, max: 100 }) });
const bytes = (part: string): Uint8Array => new TextEncoder().encode(part);

/** A timer that is fired by hand. */
function handTimer() {
  const pending = new Map<() => void, number>();
  const timer: Timer = (ms, run) => {
    pending.set(run, ms);
    return () => void pending.delete(run);
  };
  const fire = (): void => {
    for (const run of [...pending.keys()]) run();
  };
  return { timer, fire, pending };
}

/** A request whose body comes bit by bit, as `feed` says. */
function slow() {
  let feed: ReadableStreamDefaultController<Uint8Array> | undefined;
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      feed = controller;
    },
    cancel() {
      cancelled = true;
    },
  });
  const init = { method: 'POST', body, duplex: 'half' };
  const request = new Request('https://parley.test/', init);
  return {
    request,
    say: (part: string) => feed?.enqueue(bytes(part)),
    end: () => feed?.close(),
    cancelled: () => cancelled,
  };
}

const turns = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

test('P8 a body that does not end within 10 s is given up, and named', async () => {
  const { timer, fire, pending } = handTimer();
  const { request, say, cancelled } = slow();
  const reading = readBody(request, check, 1000, timer);
  say('{"word":');
  await turns();
  expect([...pending.values()]).toEqual([10_000]);
  fire();
  expect(await reading).toMatchObject({
    ok: false,
    code: 'too_slow',
    detail: expect.stringContaining('10 s'),
  });
  await turns();
  expect(cancelled()).toBe(true);
});

test('P8 a byte now and then wins no time: it is 10 s for all of it', async () => {
  const { timer, fire, pending } = handTimer();
  const { request, say } = slow();
  const reading = readBody(request, check, 1000, timer);
  for (const part of '{"word":"') {
    say(part);
    await turns();
    expect(pending.size).toBe(1);
  }
  fire();
  expect(await reading).toMatchObject({ code: 'too_slow' });
});

test('P8 one that never begins is given up too', async () => {
  const { timer, fire } = handTimer();
  const reading = readBody(slow().request, check, 1000, timer);
  await turns();
  fire();
  expect(await reading).toMatchObject({ code: 'too_slow' });
});

test('one that comes in time is read, and leaves no timer behind', async () => {
  const { timer, pending } = handTimer();
  const { request, say, end } = slow();
  const reading = readBody(request, check, 1000, timer);
  say('{"word":');
  await turns();
  say('"hi"}');
  end();
  expect(await reading).toEqual({ ok: true, value: { word: 'hi' } });
  expect(pending.size).toBe(0);
});

test('P8 one that is too large, or breaks off, is named as before, and leaves no timer behind', async () => {
  const { timer, pending } = handTimer();
  const large = slow();
  const reading = readBody(large.request, check, 10, timer);
  large.say('x'.repeat(11));
  expect(await reading).toMatchObject({ code: 'too_large' });
  expect(pending.size).toBe(0);
  const empty = new Request('https://parley.test/', { method: 'POST' });
  expect(await readBody(empty, check, 10, timer)).toMatchObject({ code: 'bad_request' });
});
