/** Distance from the edges of the window, in CSS pixels. */
const EDGE = 8;

/** Puts an open popover below a place, above it where there is more room, and always inside the window. */
export function placeBeside(popover: HTMLElement, at: DOMRect): void {
  const { offsetWidth: width, offsetHeight: height } = popover;
  const rtl = getComputedStyle(popover).direction === 'rtl';
  // The place may be a message that is longer than the window.
  const below = Math.min(at.bottom, innerHeight - EDGE) + 4;
  const fits = below + height + EDGE <= innerHeight;
  const top = fits ? below : Math.max(EDGE, Math.min(at.top - height - 4, innerHeight - height - EDGE));
  const wanted = rtl ? at.left : at.right - width;
  const left = Math.min(Math.max(EDGE, wanted), innerWidth - width - EDGE);
  popover.style.insetBlockStart = `${top}px`;
  popover.style.left = `${left}px`;
}
