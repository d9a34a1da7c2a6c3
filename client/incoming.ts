import type { Engine } from './engine-types.ts';
import type { TimelineMessage } from './types.ts';

/** Every new message of others, once each and in order, however slow the reader is. Ends with the client. */
export async function* incoming(engine: Engine): AsyncGenerator<TimelineMessage, undefined> {
  const queue: TimelineMessage[] = [];
  let wake = (): void => {};
  let over = false;
  const offs = [
    engine.on('entry', ({ entry, own }) => {
      if (entry.type !== 'message' || own) return;
      queue.push(entry);
      wake();
    }),
    engine.on('state', ({ name }) => {
      over = name === 'closed';
      wake();
    }),
  ];
  try {
    for (;;) {
      const next = queue.shift();
      if (next) yield next;
      else if (over) return;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  } finally {
    for (const off of offs) off();
  }
}
