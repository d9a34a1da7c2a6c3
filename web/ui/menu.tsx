import { type KeyboardEvent, type ReactElement, useLayoutEffect, useRef } from 'react';
import { useStrings } from '../strings/language.ts';
import { Icon, type IconName } from './icon.tsx';
import css from './menu.module.css';
import { type Box, placeMenu } from './place-menu.ts';

export interface MenuAction {
  readonly label: string;
  readonly icon: IconName;
  /** Takes something away. */
  readonly danger?: boolean;
  readonly run: () => void;
}

interface MenuProps {
  readonly label: string;
  /** What opened it: a button, or the point of a pointer. */
  readonly anchor: Box;
  /** With a line between the groups. */
  readonly groups: readonly (readonly MenuAction[])[];
  readonly onClose: () => void;
}

/** A menu above everything else. Esc, a press beside it, and a choice close it, and the focus goes back. */
export function Menu({ label, anchor, groups, onClose }: MenuProps): ReactElement {
  const { dir } = useStrings();
  const ref = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    const menu = ref.current;
    if (!menu) return undefined;
    menu.showPopover();
    const { width, height } = menu.getBoundingClientRect();
    const view = { width: document.documentElement.clientWidth, height: innerHeight };
    const { left, top } = placeMenu(anchor, { width, height }, view, dir);
    menu.style.left = `${left}px`;
    menu.style.top = `${top}px`;
    itemsOf(menu)[0]?.focus();
    return () => menu.hidePopover();
  }, [anchor, dir]);

  const choose = (action: MenuAction): void => {
    // First: what the action opens takes the focus after it went back.
    ref.current?.hidePopover();
    onClose();
    action.run();
  };

  return (
    <div
      ref={ref}
      className={css.menu}
      popover="auto"
      role="menu"
      aria-label={label}
      onKeyDown={moveFocus}
      onToggle={(event) => {
        if (event.newState === 'closed') onClose();
      }}
    >
      {groups
        .filter((group) => group.length > 0)
        .map((group) => (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset is no part of a menu.
          <div key={group[0]?.label} role="group" className={css.group}>
            {group.map((action) => (
              <button
                key={action.label}
                type="button"
                role="menuitem"
                tabIndex={-1}
                className={action.danger ? `${css.item} ${css.danger}` : css.item}
                onClick={() => choose(action)}
              >
                <Icon name={action.icon} />
                {action.label}
              </button>
            ))}
          </div>
        ))}
    </div>
  );
}

const itemsOf = (menu: HTMLElement): HTMLElement[] => [
  ...menu.querySelectorAll<HTMLElement>('[role=menuitem]'),
];

function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const items = itemsOf(event.currentTarget);
  const at = items.findIndex((item) => item.matches(':focus'));
  const next = nextOf(event, items, at);
  // Nothing outside has a meaning for keys while the menu is open.
  event.stopPropagation();
  if (next === undefined) return;
  event.preventDefault();
  items[next]?.focus();
}

function nextOf({ key }: KeyboardEvent, items: readonly HTMLElement[], at: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return (at + 1) % items.length;
    case 'ArrowUp':
      return (at + items.length - 1) % items.length;
    case 'Home':
      return 0;
    case 'End':
      return items.length - 1;
    case 'Tab':
      return at;
    default: {
      // A letter goes to the next item that begins with it.
      const letter = key.length === 1 && key !== ' ' ? key.toLowerCase() : undefined;
      if (letter === undefined) return undefined;
      const order = items.map((_, i) => (at + 1 + i) % items.length);
      return order.find((i) => items[i]?.textContent?.toLowerCase().startsWith(letter));
    }
  }
}
