type Child = Node | string | undefined | false;

interface Props {
  readonly class?: string;
  readonly id?: string;
  readonly on?: { readonly [E in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[E]) => void };
  /** Attributes; `undefined` and `false` leave one out, `true` sets it empty. */
  readonly attrs?: { readonly [name: string]: string | number | boolean | undefined };
}

/** Makes an element. Text always becomes text nodes: nothing a user wrote is ever parsed as HTML. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (props.class) element.className = props.class;
  if (props.id) element.id = props.id;
  for (const [name, value] of Object.entries(props.attrs ?? {})) {
    if (value !== undefined && value !== false)
      element.setAttribute(name, value === true ? '' : String(value));
  }
  for (const [event, handler] of Object.entries(props.on ?? {})) {
    element.addEventListener(event, handler as (event: Event) => void);
  }
  for (const child of children) if (child !== undefined && child !== false) element.append(child);
  return element;
}

/** A labelled text field. */
export function field(
  label: string,
  attrs: NonNullable<Props['attrs']>,
  hint?: string,
): { readonly row: HTMLElement; readonly input: HTMLInputElement } {
  const id = `field-${attrs.name}`;
  const hintId = hint === undefined ? undefined : `${id}-hint`;
  const input = el('input', { id, attrs: { ...attrs, 'aria-describedby': hintId } });
  const row = el(
    'div',
    { class: 'field' },
    el('label', { attrs: { for: id } }, label),
    input,
    hint !== undefined && el('small', { attrs: { id: hintId } }, hint),
  );
  return { row, input };
}

/** Sets text only when it differs, so that screen readers hear of changes alone. */
export function say(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
  element.hidden = text === '';
}
