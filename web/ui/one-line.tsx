import type { ReactElement, ReactNode } from 'react';
import css from './one-line.module.css';

/** A text on one line, in its own direction: what doesn't fit is left out at its end, also on a page of the other direction. */
export const OneLine = ({ children }: { readonly children: ReactNode }): ReactElement => (
  <bdi className={css.line}>{children}</bdi>
);
