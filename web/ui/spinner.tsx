import type { ReactElement } from 'react';
import css from './spinner.module.css';

/** Something is under way; whoever shows it says so in words or with `aria-busy`. */
export const Spinner = (): ReactElement => <span className={css.spinner} aria-hidden="true" />;
