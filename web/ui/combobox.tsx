import {
  type ComponentProps,
  type KeyboardEvent,
  type ReactElement,
  type ReactNode,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react';
import css from './combobox.module.css';
import { Icon } from './icon.tsx';
import { OneLine } from './one-line.tsx';

interface ComboboxProps<T> {
  readonly label: string;
  /** The label is to be heard only. */
  readonly quiet?: boolean;
  readonly placeholder?: string;
  readonly query: string;
  readonly onQuery: (query: string) => void;
  readonly options: readonly T[];
  readonly keyOf: (option: T) => string;
  readonly children: (option: T) => ReactNode;
  readonly onChoose: (option: T) => void;
  /** Enter, where there is nothing to choose. */
  readonly onEnter?: () => void;
  readonly onPaste?: ComponentProps<'input'>['onPaste'];
  readonly onBackspace?: () => void;
  /** Said below the field. */
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
  /** In the place of the options, where there are none. */
  readonly none?: ReactNode;
}

/** A field with what fits below it. The focus stays in the field; the arrow keys move among the options. */
export function Combobox<T>(props: ComboboxProps<T>): ReactElement {
  const { label, quiet, placeholder, query, onQuery, options, keyOf, children, onChoose, none } = props;
  const { onEnter, onPaste, onBackspace, hint, error } = props;
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const [chosen, setChosen] = useState<string>();
  const keys = options.map(keyOf);
  // The first one, until the arrow keys say otherwise, and again when that one is gone.
  const at = Math.max(0, keys.indexOf(chosen ?? ''));
  const active = options[at];
  const idOf = (index: number): string => `${id}-option-${index}`;

  // biome-ignore lint/correctness/useExhaustiveDependencies: what fits has changed with the words.
  useEffect(() => {
    setChosen(undefined);
    list.current?.scrollTo({ top: 0 });
  }, [query]);

  function move(step: number): void {
    const next = (at + step + options.length) % options.length;
    setChosen(keys[next]);
    list.current?.children[next]?.scrollIntoView({ block: 'nearest' });
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'ArrowDown' && options.length > 0) move(1);
    else if (event.key === 'ArrowUp' && options.length > 0) move(-1);
    else if (event.key === 'Enter' && active !== undefined) onChoose(active);
    else if (event.key === 'Enter' && onEnter) onEnter();
    else if (event.key === 'Backspace' && query === '' && onBackspace) onBackspace();
    else return;
    event.preventDefault();
  }

  return (
    <div className={css.combobox}>
      {!quiet && (
        <label className={css.label} htmlFor={id}>
          {label}
        </label>
      )}
      <div className={css.field}>
        <Icon name="search" size={18} />
        <input
          id={id}
          className={css.input}
          type="text"
          role="combobox"
          dir="auto"
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          placeholder={placeholder}
          aria-label={quiet ? label : undefined}
          aria-expanded={options.length > 0}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={active === undefined ? undefined : idOf(at)}
          aria-invalid={error !== undefined}
          aria-describedby={`${id}-note`}
          value={query}
          onChange={(event) => onQuery(event.target.value)}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
        />
      </div>
      {(error ?? hint) !== undefined && (
        <p id={`${id}-note`} className={error === undefined ? css.hint : css.error} role={error && 'alert'}>
          {error ?? hint}
        </p>
      )}
      {options.length === 0 && none}
      <div
        ref={list}
        id={`${id}-list`}
        className={css.list}
        role="listbox"
        aria-label={label}
        hidden={options.length === 0}
      >
        {options.map((option, index) => (
          // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field.
          // biome-ignore lint/a11y/useKeyWithClickEvents: Enter in the field does the same.
          <div
            key={keys[index]}
            id={idOf(index)}
            className={css.option}
            role="option"
            aria-selected={index === at}
            onClick={() => onChoose(option)}
            onPointerDown={(event) => event.preventDefault()}
          >
            {children(option)}
          </div>
        ))}
      </div>
    </div>
  );
}

/** What an option looks like: a picture, a name, and a word about it. */
export const OptionWords = (props: {
  readonly start: ReactNode;
  readonly title: string;
  readonly text?: string | undefined;
}): ReactElement => (
  <>
    {props.start}
    <span className={css.words}>
      <span className={css.title}>
        <OneLine>{props.title}</OneLine>
      </span>
      {props.text !== undefined && (
        <span className={css.text}>
          <OneLine>{props.text}</OneLine>
        </span>
      )}
    </span>
  </>
);
