import type { Row } from './timeline-rows.ts';

/** Makes the children of `list` be `rows`, touching only what differs. */
export class Rows {
  readonly #list: HTMLElement;
  #shown = new Map<string, { readonly print: string; readonly element: HTMLElement }>();

  constructor(list: HTMLElement) {
    this.#list = list;
  }

  show(rows: readonly Row[]): void {
    const next = new Map<string, { readonly print: string; readonly element: HTMLElement }>();
    let place = this.#list.firstChild;
    for (const { key, print, make } of rows) {
      const known = this.#shown.get(key);
      const element = known && known.print === print ? known.element : make();
      if (known && known.element !== element) {
        if (place === known.element) place = known.element.nextSibling;
        known.element.remove();
      }
      next.set(key, { print, element });
      if (place === element) place = element.nextSibling;
      else this.#list.insertBefore(element, place);
    }
    for (const [key, { element }] of this.#shown) if (!next.has(key)) element.remove();
    this.#shown = next;
  }
}
