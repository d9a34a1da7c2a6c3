export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

const MARGIN = 8;

/**
 * Where a menu stands: at the end of what opened it, below where there is room and else above. A point opens it towards
 * the end of the line.
 */
export function placeMenu(
  anchor: Box,
  menu: Size,
  view: Size,
  dir: 'ltr' | 'rtl',
): { readonly left: number; readonly top: number } {
  const point = anchor.left === anchor.right;
  const before = anchor.right - menu.width;
  const left = (dir === 'ltr') === point ? anchor.left : before;
  const below = anchor.bottom + menu.height <= view.height - MARGIN;
  const top = below ? anchor.bottom : anchor.top - menu.height;
  return {
    left: between(left, view.width - menu.width - MARGIN),
    top: between(top, view.height - menu.height - MARGIN),
  };
}

const between = (value: number, most: number): number => Math.max(MARGIN, Math.min(value, most));

/** A point of the window as something to open a menu at. */
export const pointAt = (x: number, y: number): Box => ({ left: x, right: x, top: y, bottom: y });

/**
 * Calls `open` for a press that asks for a menu. Where that comes while the button is still down, letting go of it
 * would close a popover again, so it waits for that.
 */
export function afterPress({ buttons }: { readonly buttons: number }, open: () => void): void {
  if (buttons === 0) open();
  else addEventListener('pointerup', () => setTimeout(open), { once: true });
}
