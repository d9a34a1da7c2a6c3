import { type ComponentProps, lazy, type ReactElement, Suspense, useState } from 'react';
import { useStrings } from '../../strings/language.ts';
import type { Box } from '../../ui/place-menu.ts';
import { usePopover } from '../../ui/use-popover.ts';
import css from './emoji-popover.module.css';

const EmojiPicker = lazy(() => import('./emoji-picker.tsx').then((all) => ({ default: all.EmojiPicker })));

interface EmojiPopoverProps {
  readonly at: Box;
  /** Which end of it the picker shares. */
  readonly align?: 'start' | 'end';
  readonly onPick: (emoji: string) => void;
  readonly onClose: () => void;
}

/** The field to search in: the same words while the picker loads and afterwards. */
export type SearchProps = Required<
  Pick<ComponentProps<'input'>, 'className' | 'aria-label' | 'placeholder' | 'value' | 'onChange'>
>;

/** A picker of emoji above everything. It loads when it is first wanted; what is looked for can be written at once. */
export function EmojiPopover({ at, align, onPick, onClose }: EmojiPopoverProps): ReactElement {
  const { t } = useStrings();
  const [words, setWords] = useState('');
  const ref = usePopover(at, onClose, (popover) => popover.querySelector('input'), align);
  const search: SearchProps = {
    className: css.search,
    'aria-label': t('emoji.search'),
    placeholder: t('emoji.search'),
    value: words,
    onChange: (event) => setWords(event.target.value),
  };
  return (
    <div ref={ref} className={css.popover} popover="auto" role="dialog" aria-label={t('chat.emoji')}>
      <Suspense
        fallback={
          <div className={css.picker}>
            <input type="search" {...search} />
            <p className={css.note}>{t('app.loading')}</p>
          </div>
        }
      >
        <EmojiPicker search={search} onPick={onPick} />
      </Suspense>
    </div>
  );
}
