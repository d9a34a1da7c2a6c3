import { type ReactElement, useId } from 'react';
import css from './choice.module.css';

interface Option<T extends string> {
  readonly value: T;
  readonly label: string;
  readonly text?: string;
  /** Where the label is in another language than the page. */
  readonly lang?: string;
}

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly options: readonly Option<T>[];
  readonly value: T | undefined;
  readonly onChoose: (value: T) => void;
  readonly disabled?: boolean;
}

/** One of a few, all of them to be seen. */
export function Choice<T extends string>(props: ChoiceProps<T>): ReactElement {
  const { label, options, value, onChoose, disabled = false } = props;
  const name = useId();
  return (
    <fieldset className={css.choice} disabled={disabled}>
      <legend className={css.legend}>{label}</legend>
      {options.map((option) => (
        <label key={option.value} className={css.option} lang={option.lang}>
          <input
            type="radio"
            className={css.radio}
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChoose(option.value)}
          />
          <span>
            {option.label}
            {option.text !== undefined && <span className={css.text}>{option.text}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
