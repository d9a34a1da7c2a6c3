import { type KeyboardEvent, type ReactElement, type Ref, useImperativeHandle, useRef } from 'react';
import { useStrings } from '../../strings/language.ts';
import { IconButton } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import css from './list-filter.module.css';

export interface FilterHandle {
  readonly focus: () => void;
}

interface ListFilterProps {
  readonly ref?: Ref<FilterHandle>;
  readonly query: string;
  readonly unreadOnly: boolean;
  readonly onQuery: (query: string) => void;
  readonly onUnreadOnly: (on: boolean) => void;
  /** Down to the rows. */
  readonly onDown: () => void;
  /** The first of what was found. */
  readonly onEnter: () => void;
}

/** Narrows the list down: to what fits some words, to what is unread. */
export function ListFilter(props: ListFilterProps): ReactElement {
  const { ref, query, unreadOnly, onQuery, onUnreadOnly, onDown, onEnter } = props;
  const { t } = useStrings();
  const input = useRef<HTMLInputElement>(null);
  useImperativeHandle(ref, () => ({ focus: () => input.current?.focus() }));

  function onKeyDown(event: KeyboardEvent): void {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'ArrowDown') onDown();
    else if (event.key === 'Enter' && query.trim() !== '') onEnter();
    else if (event.key === 'Escape' && query !== '') onQuery('');
    else return;
    event.preventDefault();
  }

  return (
    <search className={css.filter}>
      <div className={css.field}>
        <Icon name="search" size={18} />
        <input
          ref={input}
          className={css.input}
          type="text"
          dir="auto"
          enterKeyHint="search"
          autoComplete="off"
          spellCheck={false}
          aria-label={t('list.filter')}
          placeholder={t('list.filter')}
          value={query}
          onChange={(event) => onQuery(event.target.value)}
          onKeyDown={onKeyDown}
        />
        {query !== '' && (
          <IconButton
            icon="close"
            label={t('list.filterClear')}
            onClick={() => {
              onQuery('');
              input.current?.focus();
            }}
          />
        )}
      </div>
      <button
        type="button"
        className={css.chip}
        aria-pressed={unreadOnly}
        onClick={() => onUnreadOnly(!unreadOnly)}
      >
        {t('list.unreadOnly')}
      </button>
    </search>
  );
}
