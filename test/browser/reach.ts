import type { Page } from 'playwright-core';

/**
 * What a person can't get at in the window as it is now: whatever makes the page or a part of it scroll sideways, and
 * whatever can be pressed or written into but is not to be seen even after scrolling to it. A line for each.
 */
export const unreachable = (page: Page): Promise<string[]> => page.evaluate(look);

/** Runs in the page. */
function look(): string[] {
  const found: string[] = [];
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) found.push(`the page is ${scrollWidth} px wide in ${clientWidth}`);

  // A dialog leaves nothing else to be reached; a menu lies above all.
  const top = document.querySelector('dialog:modal') ?? document.body;
  for (const element of top.querySelectorAll<HTMLElement>('*')) {
    if (!element.checkVisibility({ visibilityProperty: true })) continue;
    const { overflowX, overflowY, textOverflow, webkitLineClamp, maskImage } = getComputedStyle(element);
    const scrolls = overflowX !== 'visible' && textOverflow !== 'ellipsis' && element.clientWidth > 1;
    // Code has lines of its own, and long texts of one line in a field move with the cursor.
    const may = element.matches('code, input');
    if (scrolls && !may && element.scrollWidth > element.clientWidth + 1)
      found.push(`${nameOf(element)} is ${element.scrollWidth} px wide in ${element.clientWidth}`);
    // A few pixels are what letters of some languages reach below their line.
    const cut = overflowY === 'hidden' && webkitLineClamp === 'none' && maskImage === 'none';
    if (cut && element.clientHeight > 1 && element.scrollHeight > element.clientHeight + 4)
      found.push(`${nameOf(element)} is ${element.scrollHeight} px high in ${element.clientHeight}`);
  }

  const popover = document.querySelector('[popover=auto]:popover-open');
  const doors = (popover ?? top).querySelectorAll<HTMLElement>(
    'a[href], button, input, textarea, select, summary, [role=option], [role=menuitem], [tabindex="0"]',
  );
  for (const door of doors) {
    if (!door.isConnected || door.closest('[inert], [aria-hidden=true]')) continue;
    if (!door.checkVisibility({ visibilityProperty: true })) continue;
    // A button for the mouse over a message, that has a row with keys.
    if (door.tabIndex < 0 && !door.matches('[role]')) continue;
    if (isHidden(door)) continue;
    // What lies above the edge of a list leaves its middle free.
    const wrong = mistakeAt(door, 'nearest') && mistakeAt(door, 'center');
    if (wrong !== undefined) found.push(wrong);
  }
  return found;

  /** The part of the page it scrolls with is scrolled down as far as it goes. */
  function isAtEnd(door: HTMLElement): boolean {
    let part = door.parentElement;
    while (part && !/auto|scroll/.test(getComputedStyle(part).overflowY)) part = part.parentElement;
    return part !== null && part.scrollTop + part.clientHeight >= part.scrollHeight - 1;
  }

  /** What is wrong with it once it is scrolled to, so that it stands there. */
  function mistakeAt(door: HTMLElement, block: ScrollLogicalPosition): string | undefined {
    door.scrollIntoView({ block, inline: 'nearest', behavior: 'instant' });
    // A link may begin at the end of a line and go on in the next.
    const { left, right, top, bottom, width, height } = door.getClientRects()[0] ?? new DOMRect();
    if (left < -1 || right > innerWidth + 1) return `${nameOf(door)} goes from ${left} to ${right}`;
    if (bottom < 0 || top > innerHeight) return `${nameOf(door)} is out of sight`;
    const [x, y] = [left + width / 2, Math.max(top, 0) + Math.min(height, innerHeight) / 2];
    const met = document.elementFromPoint(x, Math.min(y, innerHeight - 1));
    // The way to the latest messages floats over the others. Once they are there it goes, in a moment that isn't waited for.
    if (met?.closest('button[class*=jump]') && isAtEnd(door)) return undefined;
    const label = met?.closest('label');
    if (met && (door.contains(met) || (label && label.control === door))) return undefined;
    return `${nameOf(door)} at ${Math.round(x)}, ${Math.round(y)} lies under ${met && nameOf(met)}`;
  }

  /** Only there for the keyboard, or for screen readers. */
  function isHidden(element: Element): boolean {
    for (let one: Element | null = element; one; one = one.parentElement)
      if (getComputedStyle(one).clipPath !== 'none') return true;
    return false;
  }

  function nameOf(element: Element): string {
    const label = element.getAttribute('aria-label') ?? element.textContent?.trim().slice(0, 30) ?? '';
    return `<${element.tagName.toLowerCase()} ${element.className}> ${label}`;
  }
}
