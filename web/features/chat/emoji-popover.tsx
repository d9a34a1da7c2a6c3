import {
  EmojiPicker,
  type EmojiPickerListCategoryHeaderProps,
  type EmojiPickerListEmojiProps,
  type EmojiPickerListRowProps,
} from 'frimousse';
import { type ReactElement, useEffect, useLayoutEffect, useRef } from 'react';
import { useStrings } from '../../strings/language.ts';
import css from './emoji-popover.module.css';
import { placeBeside } from './place-beside.ts';

interface EmojiPopoverProps {
  readonly at: DOMRect;
  readonly onPick: (emoji: string) => void;
  readonly onClose: () => void;
}

/** All emoji, to be searched. Their names come from this origin, when they are first wanted; there are English ones. */
export function EmojiPopover({ at, onPick, onClose }: EmojiPopoverProps): ReactElement {
  const { t } = useStrings();
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const popover = ref.current;
    if (!popover) return;
    popover.showPopover();
    placeBeside(popover, at);
    popover.querySelector('input')?.focus();
  }, [at]);
  useEffect(() => {
    const popover = ref.current;
    const closed = (event: ToggleEvent): void => {
      if (event.newState === 'closed') onClose();
    };
    popover?.addEventListener('toggle', closed);
    return () => popover?.removeEventListener('toggle', closed);
  }, [onClose]);
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

const CategoryHeader = ({ category, ...props }: EmojiPickerListCategoryHeaderProps): ReactElement => (
  <div {...props} className={css.category}>
    {category.label}
  </div>
);

const Row = ({ children, ...props }: EmojiPickerListRowProps): ReactElement => (
  <div {...props} className={css.line}>
    {children}
  </div>
);

const Emoji = ({ emoji, ...props }: EmojiPickerListEmojiProps): ReactElement => (
  <button {...props} type="button" className={css.emoji} data-active={emoji.isActive || undefined}>
    {emoji.emoji}
  </button>
);
