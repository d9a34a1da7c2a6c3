import { useEffect, useRef } from 'react';
import type { ConversationHandle, Range } from '../../../client/index.ts';
import { useConnection } from '../../../client/react/index.ts';
import type { Island } from './island.ts';
import { placeOf } from './neighbours.ts';
import type { TimelineList } from './use-timeline-list.ts';

/** What is missing is fetched when it comes this close to the screen, in CSS pixels. */
const AHEAD = 1_500;
/** With more rows than this, those far from what is seen are let go: every page and every frame costs as much as there are. */
const MOST = 2_000;
/** Rows that stay before and after what is seen, and at the end. */
const NEAR = 500;

interface Options {
  readonly handle: ConversationHandle;
  readonly island: Island;
  readonly loading: boolean;
  readonly list: TimelineList;
}

/** Brings what is missing before it comes into view, above and below, and lets go of what is far away. */
export function usePaging({ handle, island, loading, list }: Options): void {
  const online = useConnection().name === 'online';
  const busy = useRef(false);
  useEffect(() => {
    if (loading || busy.current || !online) return;
    const far = farAway(island, list);
    if (far) void handle.letGo(far).catch(() => {});
    const asked = missing(island, list, handle);
    if (!asked) return;
    busy.current = true;
    const done = (): void => {
      busy.current = false;
    };
    // Where it fails, the next scroll or connection asks again.
    asked.then(done, done);
  });
}

function missing(island: Island, list: TimelineList, handle: ConversationHandle): Promise<void> | undefined {
  const { rows, start, gapBefore, gapAfter } = island;
  const above = list.scrollOffset ?? 0;
  const below = list.getTotalSize() - above - (list.scrollRect?.height ?? 0);
  if (gapAfter && below < AHEAD && (start || below < above)) return handle.fill(gapAfter, 'start');
  if (start || above >= AHEAD) return undefined;
  if (gapBefore) return handle.fill(gapBefore, 'end');
  // With nothing there yet, the first page comes by itself.
  return rows.length === 0 ? undefined : handle.loadOlder();
}

/** The larger of the two parts that nobody will see soon, where there are more rows than there should be. */
function farAway({ rows, gapAfter }: Island, list: TimelineList): Range | undefined {
  if (rows.length <= MOST || !list.range) return undefined;
  const { startIndex, endIndex } = list.range;
  const [first, last, end] = [rows[startIndex - NEAR], rows[endIndex + NEAR], rows.at(-NEAR)];
  if (startIndex > rows.length / 2) return first && { from: 0, to: placeOf(first) - 1 };
  return last && end && { from: placeOf(last) + 1, to: gapAfter ? gapAfter.to : placeOf(end) - 1 };
}
