import { Bell } from './bell.ts';
import type { Emitter } from './emitter.ts';
import type { EngineEvents } from './engine-types.ts';
import type { TimelineMessage } from './types.ts';

/** Every new message of others, once each and in order, however slow the reader is. Ends with the client. */
export async function* incoming(events: Emitter<EngineEvents>): AsyncGenerator<TimelineMessage, undefined> {
  const queue: TimelineMessage[] = [];
  const bell = new Bell();
  let over = false;
  const offs = [
    events.on('entry', ({ entry, own }) => {
      if (entry.type !== 'message' || own) return;
      queue.push(entry);
      bell.ring();
    }),
    events.on('state', ({ name }) => {
      over = name === 'closed';
      bell.ring();
    }),
  ];
  try {
    for (;;) {
      const next = queue.shift();
      if (next) yield next;
      else if (over) return;
      else await bell.rung();
    }
  } finally {
    for (const off of offs) off();
  }
}
