import {
  EmojiPicker,
  type EmojiPickerListCategoryHeaderProps,
  type EmojiPickerListEmojiProps,
  type EmojiPickerListRowProps,
} from 'frimousse';
import type { ReactElement } from 'react';
import { useStrings } from '../../strings/language.ts';
import type { Box } from '../../ui/place-menu.ts';
import { usePopover } from '../../ui/use-popover.ts';
import css from './emoji-popover.module.css';

interface EmojiPopoverProps {
  readonly at: Box;
  /** Which end of it the picker shares. */
  readonly align?: 'start' | 'end';
  readonly onPick: (emoji: string) => void;
  readonly onClose: () => void;
}

/** All emoji, to be searched. Their names come from this origin, when they are first wanted; there are English ones. */
export function EmojiPopover({ at, align, onPick, onClose }: EmojiPopoverProps): ReactElement {
  const { t } = useStrings();
  const ref = usePopover(at, onClose, (popover) => popover.querySelector('input'), align);
  return (
    <div ref={ref} className={css.popover} popover="auto" role="dialog" aria-label={t('chat.emoji')}>
      <EmojiPicker.Root
        className={css.picker}
        columns={8}
        emojibaseUrl="/emoji"
        onEmojiSelect={({ emoji }) => onPick(emoji)}
      >
        <EmojiPicker.Search
          className={css.search}
          aria-label={t('emoji.search')}
          placeholder={t('emoji.search')}
        />
        <EmojiPicker.Viewport className={css.viewport}>
          <EmojiPicker.Loading className={css.note}>{t('app.loading')}</EmojiPicker.Loading>
          <EmojiPicker.Empty className={css.note}>{t('emoji.none')}</EmojiPicker.Empty>
          <EmojiPicker.List components={{ CategoryHeader, Row, Emoji }} />
        </EmojiPicker.Viewport>
      </EmojiPicker.Root>
    </div>
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
