import type { ReactElement } from 'react';
import css from './mark.module.css';

/** The name and the sign of the product. */
export const Mark = (): ReactElement => (
  <h1 className={css.mark}>
    <img src="/icon.svg" alt="" width="40" height="40" />
    Parley
  </h1>
);
