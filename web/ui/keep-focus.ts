/** Parts of the screen one works in. What is lost in one of them is looked for there, and nowhere else. */
const PARTS = 'nav, main, aside, dialog, [popover]';
const WRITTEN_IN = 'textarea, input:not([type=radio], [type=checkbox])';
const TAKES_KEYS = `a[href], button, select, input, textarea, [tabindex]`;

interface Place {
  readonly element: HTMLElement;
  /** What it stands in, from the inside out. */
  readonly within: readonly Element[];
  /** The part of the screen it is in. */
  readonly part: Element | undefined;
}

/** A gap in the document: before `next`, or at the end of `parent`. */
interface Gap {
  readonly parent: Node;
  readonly next: Node | null;
}

/**
 * Sees to it that keys always go somewhere. When what has the focus leaves the document, is hidden or disabled, browsers
 * give the focus to nobody: what is typed next is lost, and screen readers begin at the top. Here it goes, in the same
 * turn, to what stands in its place, or back to where it was before. Whoever was writing gets to a field or to
 * nothing that keys press. Whoever moves the focus in the change itself is not disturbed, and who takes it
 * from everything, by a press beside it all, is left alone. To be called once a page.
 */
export function keepFocus(): void {
  /** The last one in each part; the newest is at the end. */
  let places: readonly Place[] = [];
  let last: Place | undefined;

  document.addEventListener('focusin', ({ target }) => {
    if (!(target instanceof HTMLElement)) return;
    last = placeOf(target);
    const { part } = last;
    places = [...places.filter((place) => place.part !== part && place.part?.isConnected), last];
  });

  document.addEventListener('focusout', ({ target, relatedTarget }) => {
    if (relatedTarget) return;
    // What is removed is told of it while it is still there.
    queueMicrotask(() => {
      if (!last || last.element !== target || !last.element.isConnected || !nobodyHasFocus()) return;
      if (takesKeys(last.element)) last = undefined;
      else restore([]);
    });
  });

  const restore = (records: readonly MutationRecord[]): void => {
    if (!last || !nobodyHasFocus() || takesKeys(last.element)) return;
    const lost = last;
    last = undefined;
    for (const place of places.toReversed()) {
      inPlaceOf(place, records)?.focus({ preventScroll: true });
      if (!nobodyHasFocus()) return;
    }
    // Where nothing of all that is left, keys at least scroll what is shown.
    one(lost.within, (part) => part.matches(PARTS) && takesKeys(part))?.focus();
  };

  new MutationObserver(restore).observe(document.body, { childList: true, subtree: true });
}

/** Whether keys go nowhere now. */
export const nobodyHasFocus = (): boolean => (document.activeElement ?? document.body) === document.body;

/** Whether somebody is in a field they write in, which nothing that comes later may take them out of. */
export const isWriting = (): boolean => document.activeElement?.matches(WRITTEN_IN) === true;

const takesKeys = (element: Element): boolean =>
  element.isConnected &&
  element.matches(TAKES_KEYS) &&
  !element.matches(':disabled') &&
  element.checkVisibility({ visibilityProperty: true });

/** The first that is such a one. */
const one = (all: Iterable<Element>, isSuch: (element: Element) => boolean): HTMLElement | undefined => {
  for (const element of all) if (element instanceof HTMLElement && isSuch(element)) return element;
  return undefined;
};

function placeOf(element: HTMLElement): Place {
  const within: Element[] = [];
  for (let up = element.parentElement; up; up = up.parentElement) within.push(up);
  return { element, within, part: within.find((around) => around.matches(PARTS)) };
}

/** Itself, if it is still there; else what is nearest to where it was, in the same part of the screen. */
function inPlaceOf(place: Place, records: readonly MutationRecord[]): HTMLElement | undefined {
  const { element, part } = place;
  if (takesKeys(element)) return element;
  if (!part?.isConnected) return undefined;
  if (element.matches(WRITTEN_IN)) return one([...part.querySelectorAll(WRITTEN_IN), part], takesKeys);
  return nearest(gapOf(place, records), part);
}

function gapOf({ element, within }: Place, records: readonly MutationRecord[]): Gap {
  if (element.parentNode && element.isConnected)
    return { parent: element.parentNode, next: element.nextSibling };
  const record = records.find(
    ({ target, removedNodes }) =>
      target.isConnected && [...removedNodes].some((node) => node.contains(element)),
  );
  const parent = record?.target ?? within.find((around) => around.isConnected) ?? document.body;
  const { previousSibling: before = null, nextSibling: after = null } = record ?? {};
  if (before?.parentNode === parent) return { parent, next: before.nextSibling };
  return { parent, next: after?.parentNode === parent ? after : parent.firstChild };
}

/** What follows the gap, else what stands before it, else the same around `parent`, up to the part. */
function nearest(gap: Gap, part: Element): HTMLElement | undefined {
  let { parent, next } = gap;
  while (part.contains(parent)) {
    for (let node = next; node; node = node.nextSibling) {
      const found = firstIn(node);
      if (found) return found;
    }
    for (let node = next ? next.previousSibling : parent.lastChild; node; node = node.previousSibling) {
      const found = firstIn(node);
      if (found) return found;
    }
    // A row of a list is better than what stands beside the list.
    if (parent instanceof HTMLElement && takesKeys(parent)) return parent;
    next = parent.nextSibling;
    if (!parent.parentNode) return undefined;
    parent = parent.parentNode;
  }
  return undefined;
}

function firstIn(node: Node): HTMLElement | undefined {
  if (!(node instanceof HTMLElement)) return undefined;
  return one(
    [node, ...node.querySelectorAll(TAKES_KEYS)],
    (element) => takesKeys(element) && !element.matches(WRITTEN_IN),
  );
}
