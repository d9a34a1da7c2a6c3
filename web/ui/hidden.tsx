import type { ReactElement, ReactNode } from 'react';
import css from './hidden.module.css';

/** Text for screen readers alone. */
export const Hidden = ({ children }: { readonly children: ReactNode }): ReactElement => (
  <span className={css.hidden}>{children}</span>
);
