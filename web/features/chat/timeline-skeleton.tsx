import type { ReactElement } from 'react';
import { useStrings } from '../../strings/language.ts';
import css from './timeline-skeleton.module.css';

/** Widths in percent, and whose it could be. */
const BUBBLES = [
  [52, false],
  [38, false],
  [44, true],
  [61, false],
  [30, true],
  [48, true],
  [57, false],
] as const;

/** Where the messages will be. */
export function TimelineSkeleton(): ReactElement {
  const { t } = useStrings();
  return (
    <div className={css.skeleton} role="status" aria-label={t('app.loading')}>
      {BUBBLES.map(([width, own]) => (
        <span
          key={width}
          className={own ? `${css.bubble} ${css.own}` : css.bubble}
          style={{ width: `${width}%` }}
        />
      ))}
    </div>
  );
}
