import type { ReactElement } from 'react';
import { createValue, useValue } from '../state/value.ts';
import css from './hidden.module.css';

interface Said {
  readonly text: string;
  /** Grows, so that the same text is said again. */
  readonly count: number;
}

const said = createValue<Said>({ text: '', count: 0 });

/** Lets screen readers say `text` when they are done with what they say now. */
export const announce = (text: string): void => said.set({ text, count: said.get().count + 1 });

/** The place in the document screen readers listen to; once, for the whole app. */
export function Announcer(): ReactElement {
  const { text, count } = useValue(said);
  return (
    <div className={css.hidden} role="log" aria-live="polite" aria-relevant="additions">
      <p key={count}>{text}</p>
    </div>
  );
}
