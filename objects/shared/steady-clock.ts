/**
 * A clock for measuring durations: it never goes back, and it goes on counting when the wall clock stepped back. A
 * duration taken from the wall clock itself stands still until the clock is where it was, an hour after a step of one.
 *
 * - **Only differences mean something.** After a step back it is ahead of the wall clock for good: nothing that is
 *   stored, sent or compared with another clock's times may come from here.
 * - A step back hides at most the time since the last reading: read it where a duration begins and while it is waited for.
 * - A step forward can't be told from waiting, so a duration may end early by it, never late.
 *
 * @param now the wall clock, in ms.
 * @returns the reading, in ms.
 */
export function steadyClock(now: () => number): () => number {
  let last = Number.NEGATIVE_INFINITY;
  let offset = 0;
  return () => {
    const wall = now();
    if (wall < last) offset += last - wall;
    last = wall;
    return wall + offset;
  };
}
