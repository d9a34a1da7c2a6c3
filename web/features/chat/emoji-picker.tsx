import {
  type EmojiPickerListCategoryHeaderProps,
  type EmojiPickerListEmojiProps,
  type EmojiPickerListRowProps,
  EmojiPicker as Picker,
} from 'frimousse';
import { type ReactElement, useLayoutEffect, useRef } from 'react';
import { useStrings } from '../../strings/language.ts';
import { nobodyHasFocus } from '../../ui/keep-focus.ts';
import css from './emoji-popover.module.css';
import type { SearchProps } from './emoji-popover.tsx';

interface EmojiPickerProps {
  /** The field, with what was written into it before this came. */
  readonly search: SearchProps;
  readonly onPick: (emoji: string) => void;
}

/** All emoji, to be searched. Their names come from this origin, when they are first wanted; there are English ones. */
export function EmojiPicker({ search, onPick }: EmojiPickerProps): ReactElement {
  const { t } = useStrings();
  const field = useRef<HTMLInputElement>(null);
  // It takes the place of a field that somebody may be writing in.
  useLayoutEffect(() => {
    if (!nobodyHasFocus()) return;
    field.current?.focus();
    field.current?.setSelectionRange(field.current.value.length, field.current.value.length);
  }, []);
  return (
    <Picker.Root
      className={css.picker}
      columns={8}
      emojibaseUrl="/emoji"
      onEmojiSelect={({ emoji }) => onPick(emoji)}
    >
      <Picker.Search ref={field} {...search} />
      <Picker.Viewport className={css.viewport}>
        <Picker.Loading className={css.note}>{t('app.loading')}</Picker.Loading>
        <Picker.Empty className={css.note}>{t('emoji.none')}</Picker.Empty>
        <Picker.List components={{ CategoryHeader, Row, Emoji }} />
      </Picker.Viewport>
    </Picker.Root>
  );
}

/** Groups, in the order and by the names emojibase gives them. */
const GROUPS = [
  ['smileys & emotion', 'emoji.group.smileys'],
  ['people & body', 'emoji.group.people'],
  ['animals & nature', 'emoji.group.animals'],
  ['food & drink', 'emoji.group.food'],
  ['travel & places', 'emoji.group.travel'],
  ['activities', 'emoji.group.activities'],
  ['objects', 'emoji.group.objects'],
  ['symbols', 'emoji.group.symbols'],
  ['flags', 'emoji.group.flags'],
] as const;

function CategoryHeader({ category, ...props }: EmojiPickerListCategoryHeaderProps): ReactElement {
  const { t } = useStrings();
  const known = GROUPS.find(([name]) => name === category.label.toLowerCase());
  return (
    <div {...props} className={css.category}>
      {known ? t(known[1]) : category.label}
    </div>
  );
}

// The library counts rows and columns from 0; screen readers from 1.
const Row = ({ children, ...props }: EmojiPickerListRowProps): ReactElement => (
  <div {...props} {...{ 'aria-rowindex': Number(props['aria-rowindex']) + 1 }} className={css.line}>
    {children}
  </div>
);

const Emoji = ({ emoji, ...props }: EmojiPickerListEmojiProps): ReactElement => (
  <button
    {...props}
    {...{ 'aria-colindex': Number(props['aria-colindex']) + 1 }}
    type="button"
    className={css.emoji}
    data-active={emoji.isActive || undefined}
  >
    {emoji.emoji}
  </button>
);
