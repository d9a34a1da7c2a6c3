import type { ReactElement, ReactNode } from 'react';
import { inWords } from '../../chat/errors.ts';
import { useStrings } from '../../strings/language.ts';
import { Button } from '../../ui/button.tsx';
import type { Load } from '../../ui/use-loaded.ts';
import css from './section.module.css';

interface SectionProps {
  readonly title?: string;
  readonly text?: string;
  readonly children: ReactNode;
}

export function Section({ title, text, children }: SectionProps): ReactElement {
  return (
    <section className={css.section}>
      {title !== undefined && <h3>{title}</h3>}
      {text !== undefined && <p className={css.text}>{text}</p>}
      {children}
    </section>
  );
}

interface LoadedRowsProps<T> {
  readonly load: Load<readonly T[]>;
  /** Said where there are none. */
  readonly none: string;
  readonly row: (item: T) => ReactNode;
}

/** A list that is fetched: its place while it comes, what went wrong, its rows. */
export function LoadedRows<T extends { readonly id: string }>(props: LoadedRowsProps<T>): ReactElement {
  const { load, none, row } = props;
  const strings = useStrings();
  const { t } = strings;
  switch (load.state.name) {
    case 'loading':
      return (
        <div className={css.rows} role="status" aria-label={t('app.loading')}>
          <div className={css.waiting} />
        </div>
      );
    case 'failed':
      return (
        <div className={css.rows} role="alert">
          <div className={css.row}>
            <p className={css.words}>{inWords(strings, load.state.error)}</p>
            <Button onClick={load.again}>{t('action.tryAgain')}</Button>
          </div>
        </div>
      );
    case 'there':
      if (load.state.value.length === 0) return <p className={css.none}>{none}</p>;
      return (
        <ul className={css.rows}>
          {load.state.value.map((item) => (
            <li key={item.id} className={css.row}>
              {row(item)}
            </li>
          ))}
        </ul>
      );
  }
}

/** What a row says: a title, and a line or two below. */
export function RowWords(props: {
  readonly title: ReactNode;
  readonly lines: readonly string[];
}): ReactElement {
  return (
    <div className={css.words}>
      <p className={css.title}>{props.title}</p>
      {props.lines.map((line) => (
        <p key={line} className={css.text}>
          <bdi>{line}</bdi>
        </p>
      ))}
    </div>
  );
}

/** A mark beside a title. */
export const Tag = ({ children }: { readonly children: ReactNode }): ReactElement => (
  <span className={css.tag}>{children}</span>
);
