import { type ComponentProps, type ReactElement, useId } from 'react';
import css from './field.module.css';

interface FieldProps extends Omit<ComponentProps<'input'>, 'className' | 'id'> {
  readonly label: string;
  readonly hint?: string | undefined;
  /** What is wrong with it; said at once to screen readers. */
  readonly error?: string | undefined;
}

/** A text field with its label, a hint below, and in the place of the hint what is wrong. */
export function Field({ label, hint, error, ...input }: FieldProps): ReactElement {
  const id = useId();
  const note = useId();
  return (
    <div className={css.field}>
      <label className={css.label} htmlFor={id}>
        {label}
      </label>
      <input
        dir="auto"
        {...input}
        id={id}
        className={css.input}
        aria-invalid={error !== undefined}
        aria-describedby={note}
      />
      <p id={note} className={error === undefined ? css.hint : css.error} role={error && 'alert'}>
        {error ?? hint}
      </p>
    </div>
  );
}

interface AreaProps extends Omit<ComponentProps<'textarea'>, 'className' | 'id'> {
  readonly label: string;
  readonly hint?: string | undefined;
}

/** The same for a text of several lines. */
export function Area({ label, hint, ...area }: AreaProps): ReactElement {
  const id = useId();
  const note = useId();
  return (
    <div className={css.field}>
      <label className={css.label} htmlFor={id}>
        {label}
      </label>
      <textarea dir="auto" {...area} id={id} className={css.input} aria-describedby={note} />
      <p id={note} className={css.hint}>
        {hint}
      </p>
    </div>
  );
}
