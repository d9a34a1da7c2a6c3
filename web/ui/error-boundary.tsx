import { Component, type ReactElement, type ReactNode } from 'react';
import { currentStrings } from '../strings/language.ts';
import { Button } from './button.tsx';
import { EmptyState } from './empty-state.tsx';

interface ErrorBoundaryProps {
  readonly children: ReactNode;
  /** Another one, such as another page, is tried again. */
  readonly resetKey?: string;
}

interface ErrorBoundaryState {
  readonly failed: boolean;
  readonly resetKey: string | undefined;
}

/** Where a part of the screen breaks, says so in its place and leaves the rest as it is. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, ErrorBoundaryState> {
  override state: ErrorBoundaryState = { failed: false, resetKey: this.props.resetKey };

  static getDerivedStateFromError(): Partial<ErrorBoundaryState> {
    return { failed: true };
  }

  static getDerivedStateFromProps(
    { resetKey }: ErrorBoundaryProps,
    state: ErrorBoundaryState,
  ): Partial<ErrorBoundaryState> | null {
    return resetKey === state.resetKey ? null : { failed: false, resetKey };
  }

  override render(): ReactNode {
    return this.state.failed ? <Broken /> : this.props.children;
  }
}

function Broken(): ReactElement {
  const { t } = currentStrings.get();
  return (
    <div role="alert">
      <EmptyState icon="alert" title={t('broken.title')} text={t('broken.text')}>
        <Button kind="primary" onClick={() => location.reload()}>
          {t('action.reload')}
        </Button>
      </EmptyState>
    </div>
  );
}
