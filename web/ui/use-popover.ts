import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react';
import { useStrings } from '../strings/language.ts';
import { type Box, placeMenu } from './place-menu.ts';

/**
 * Shows an element with `popover="auto"` beside `anchor`, before the browser draws, and takes it away with its component.
 * `align`: which end of the anchor it shares. It stays inside a window that changes its size, as it does when the keyboard
 * of a phone comes.
 */
export function usePopover(
  anchor: Box,
  onClose: () => void,
  focus: (popover: HTMLElement) => HTMLElement | null | undefined,
  align: 'start' | 'end' = 'end',
): RefObject<HTMLDivElement | null> {
  const { dir } = useStrings();
  const ref = useRef<HTMLDivElement>(null);
  const last = useRef({ focus, onClose });
  last.current = { focus, onClose };

  useLayoutEffect(() => {
    const popover = ref.current;
    if (!popover) return undefined;
    const place = (): void => {
      const view = { width: document.documentElement.clientWidth, height: innerHeight };
      const { offsetWidth: width, offsetHeight: height } = popover;
      // Beginning where the anchor begins is what ending where it ends is in the other direction.
      const side = (dir === 'ltr') === (align === 'end') ? 'ltr' : 'rtl';
      const { left, top } = placeMenu(anchor, { width, height }, view, side);
      popover.style.left = `${left}px`;
      popover.style.top = `${top}px`;
    };
    popover.showPopover();
    place();
    last.current.focus(popover)?.focus();
    // Its own size too: larger text makes it larger.
    const observer = new ResizeObserver(place);
    observer.observe(popover);
    window.addEventListener('resize', place);
    return () => {
      observer.disconnect();
      window.removeEventListener('resize', place);
      popover.hidePopover();
    };
  }, [anchor, dir, align]);

  useEffect(() => {
    const popover = ref.current;
    const toggled = ({ newState }: ToggleEvent): void => {
      if (newState === 'closed') last.current.onClose();
    };
    popover?.addEventListener('toggle', toggled);
    return () => popover?.removeEventListener('toggle', toggled);
  }, []);

  return ref;
}
