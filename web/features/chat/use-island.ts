import { useRef } from 'react';
import type { TimelineState } from '../../../client/index.ts';
import { type Island, islandAt } from './island.ts';

/** The part of a timeline with the message `place`: the same object for as long as it is the same part of the same items. */
export function useIsland({ items, start }: TimelineState, place: number | undefined): Island {
  const known = useRef<{ readonly of: unknown; readonly start: boolean; readonly island: Island }>(undefined);
  const island = islandAt(items, start, place);
  const before = known.current;
  const same =
    before?.of === items && before.start === start && before.island.rows.at(-1) === island.rows.at(-1);
  if (!same) known.current = { of: items, start, island };
  return same ? before.island : island;
}
