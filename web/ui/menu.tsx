import type { KeyboardEvent, ReactElement, ReactNode } from 'react';
import { useStrings } from '../strings/language.ts';
import { Icon, type IconName } from './icon.tsx';
import css from './menu.module.css';
import type { Box } from './place-menu.ts';
import { usePopover } from './use-popover.ts';

export interface MenuAction {
  readonly label: string;
  readonly icon: IconName;
  /** Takes something away. */
  readonly danger?: boolean;
  readonly run: () => void;
}

/** One of the signs that stand in a row above the actions. */
export interface MenuSign {
  readonly label: string;
  /** An emoji, in the place of the icon. */
  readonly emoji?: string;
  readonly icon?: IconName;
  /** It is so already. */
  readonly chosen?: boolean;
  readonly run: () => void;
}

interface MenuProps {
  readonly label: string;
  /** What opened it: a button, or the point of a pointer. */
  readonly anchor: Box;
  readonly signs?: readonly MenuSign[];
  /** With a line between the groups. */
  readonly groups: readonly (readonly MenuAction[])[];
  readonly onClose: () => void;
}

/** `name`: what it is called where only a sign is seen. */
const Choice = (props: {
  readonly className: string | undefined;
  readonly name?: string;
  readonly onClick: () => void;
  readonly children: ReactNode;
}): ReactElement => (
  <button
    type="button"
    role="menuitem"
    tabIndex={-1}
    className={props.className}
    aria-label={props.name}
    title={props.name}
    onClick={props.onClick}
  >
    {props.children}
  </button>
);

/** A menu above everything else. Esc, a press beside it, and a choice close it, and the focus goes back. */
export function Menu({ label, anchor, signs = [], groups, onClose }: MenuProps): ReactElement {
  const { dir } = useStrings();
  const ref = usePopover(anchor, onClose, (menu) => itemsOf(menu)[0]);

  const choose = (run: () => void): void => {
    // First: what the action opens takes the focus after it went back.
    ref.current?.hidePopover();
    onClose();
    run();
  };

  function keyDown(event: KeyboardEvent<HTMLElement>): void {
    // Nothing outside has a meaning for keys while the menu is open.
    event.stopPropagation();
    const items = itemsOf(event.currentTarget);
    const at = items.findIndex((item) => item.matches(':focus'));
    const next = nextOf(event.key, { items, at, signs: signs.length, rtl: dir === 'rtl' });
    if (event.key === 'Tab') event.currentTarget.hidePopover();
    if (next === undefined && event.key !== 'Tab') return;
    event.preventDefault();
    if (next !== undefined) items[(next + items.length) % items.length]?.focus();
  }

  return (
    <div
      ref={ref}
      className={css.menu}
      popover="auto"
      role="menu"
      tabIndex={-1}
      aria-label={label}
      onKeyDown={keyDown}
    >
      {signs.length > 0 && (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset is no part of a menu.
        <div role="group" className={`${css.group} ${css.signs}`}>
          {signs.map((sign) => (
            <Choice
              key={sign.label}
              className={sign.chosen ? `${css.sign} ${css.chosen}` : css.sign}
              name={sign.label}
              onClick={() => choose(sign.run)}
            >
              {sign.icon ? <Icon name={sign.icon} /> : sign.emoji}
            </Choice>
          ))}
        </div>
      )}
      {groups
        .filter((group) => group.length > 0)
        .map((group) => (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset is no part of a menu.
          <div key={group[0]?.label} role="group" className={css.group}>
            {group.map((action) => (
              <Choice
                key={action.label}
                className={action.danger ? `${css.item} ${css.danger}` : css.item}
                onClick={() => choose(action.run)}
              >
                <Icon name={action.icon} />
                {action.label}
              </Choice>
            ))}
          </div>
        ))}
    </div>
  );
}

const itemsOf = (menu: HTMLElement): HTMLElement[] => [
  ...menu.querySelectorAll<HTMLElement>('[role=menuitem]'),
];

interface Place {
  readonly items: readonly HTMLElement[];
  readonly at: number;
  /** The first of the items stand in a row. */
  readonly signs: number;
  readonly rtl: boolean;
}

/** Where a key leads; -1 is the last. Up and down pass over the rest of the row. */
function nextOf(key: string, { items, at, signs, rtl }: Place): number | undefined {
  const inRow = at < signs;
  switch (key) {
    case 'ArrowDown':
      return inRow ? signs : at + 1;
    case 'ArrowUp':
      return inRow ? -1 : signs > 0 && at === signs ? 0 : at - 1;
    case 'ArrowRight':
    case 'ArrowLeft':
      if (!inRow) return undefined;
      return (at + ((key === 'ArrowRight') === rtl ? signs - 1 : 1)) % signs;
    case 'Home':
      return 0;
    case 'End':
      return -1;
    default: {
      // A letter goes to the next item that begins with it.
      const letter = key.length === 1 && key !== ' ' ? key.toLowerCase() : undefined;
      if (letter === undefined) return undefined;
      const order = items.map((_, i) => (at + 1 + i) % items.length);
      return order.find((i) => items[i]?.textContent?.toLowerCase().startsWith(letter));
    }
  }
}
