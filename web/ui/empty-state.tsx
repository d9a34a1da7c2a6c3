import type { ReactElement, ReactNode } from 'react';
import css from './empty-state.module.css';
import { Icon, type IconName } from './icon.tsx';

interface EmptyStateProps {
  readonly icon: IconName;
  readonly title: string;
  readonly text?: string;
  /** What to do about it. */
  readonly children?: ReactNode;
}

/** Says what would be here, and how it comes to be. */
export function EmptyState({ icon, title, text, children }: EmptyStateProps): ReactElement {
  return (
    <div className={css.empty}>
      <span className={css.mark}>
        <Icon name={icon} size={32} />
      </span>
      <p className={css.title}>{title}</p>
      {text !== undefined && <p className={css.text}>{text}</p>}
      {children}
    </div>
  );
}
