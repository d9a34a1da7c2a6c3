import { type ReactElement, type ReactNode, useLayoutEffect, useRef } from 'react';
import { ConnectionBanner } from '../features/connection/connection-banner.tsx';
import { useStrings } from '../strings/language.ts';
import { ErrorBoundary } from './error-boundary.tsx';
import { OneLine } from './one-line.tsx';
import css from './panes.module.css';

interface PanesProps {
  /** What the first pane is, as a landmark. */
  readonly sideLabel: string;
  readonly side: ReactNode;
  readonly main: ReactNode;
  /** Which of the two a narrow window shows. */
  readonly showing: 'side' | 'main';
  /** What the main pane shows: where it breaks, another one is tried again. */
  readonly mainKey: string;
}

/** Two panes side by side; in a narrow window one at a time. */
export function Panes({ sideLabel, side, main, showing, mainKey }: PanesProps): ReactElement {
  const { t } = useStrings();
  const shown = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: in a narrow window the pane with the focus goes out of sight.
  useLayoutEffect(() => {
    if (document.activeElement?.checkVisibility() === false) shown.current?.focus({ preventScroll: true });
  }, [showing]);
  return (
    <div className={`${css.panes} ${showing === 'main' ? css.showsMain : css.showsSide}`}>
      <a href="#main" className={css.skip}>
        {t('app.skip')}
      </a>
      <ConnectionBanner />
      <nav className={css.side} aria-label={sideLabel}>
        <ErrorBoundary>{side}</ErrorBoundary>
      </nav>
      <main ref={shown} id="main" className={css.main} tabIndex={-1}>
        <ErrorBoundary resetKey={mainKey}>{main}</ErrorBoundary>
      </main>
    </div>
  );
}

interface PaneHeaderProps {
  /** Before the title: the way back, a picture. */
  readonly start?: ReactNode;
  readonly title: ReactNode;
  readonly subtitle?: ReactNode;
  readonly level?: 1 | 2;
  /** After it: what can be done. */
  readonly children?: ReactNode;
}

/** The head of a pane: of the same height in both. */
export function PaneHeader({ start, title, subtitle, level = 2, children }: PaneHeaderProps): ReactElement {
  const Heading = `h${level}` as const;
  return (
    <header className={css.header}>
      {start}
      <div className={css.titles}>
        <Heading className={css.title}>
          <OneLine>{title}</OneLine>
        </Heading>
        {subtitle !== undefined && (
          <p className={css.subtitle}>
            <OneLine>{subtitle}</OneLine>
          </p>
        )}
      </div>
      {children}
    </header>
  );
}

/** Only in a narrow window, where the other pane is out of sight. */
export const NarrowOnly = ({ children }: { readonly children: ReactNode }): ReactElement => (
  <span className={css.narrowOnly}>{children}</span>
);
