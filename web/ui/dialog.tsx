import { type MouseEvent, type ReactElement, type ReactNode, useId, useLayoutEffect, useRef } from 'react';
import { useStrings } from '../strings/language.ts';
import { IconButton } from './button.tsx';
import css from './dialog.module.css';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/**
 * A modal dialog; there while it is rendered. The browser keeps the focus in it, closes it with Esc, and gives the
 * focus back to what had it before.
 */
export function Dialog({ title, onClose, children }: DialogProps): ReactElement {
  const { t } = useStrings();
  const heading = useId();
  const ref = useRef<HTMLDialogElement>(null);
  // Before the browser draws, and while it is still in the document: only then does it give the focus back.
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    dialog?.querySelector<HTMLElement>('input, textarea')?.focus();
    return () => dialog?.close();
  }, []);
  // The dialog itself is hit only beside its content: on the backdrop.
  const beside = (event: MouseEvent): void => {
    if (event.target === ref.current) onClose();
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc does the same with the keyboard.
    <dialog
      ref={ref}
      className={css.dialog}
      aria-labelledby={heading}
      onClick={beside}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <div className={css.content}>
        <header className={css.header}>
          <h2 id={heading} className={css.title}>
            {title}
          </h2>
          <IconButton icon="close" label={t('action.close')} onClick={onClose} />
        </header>
        {children}
      </div>
    </dialog>
  );
}

/** The row of buttons that ends a dialog. */
export const DialogActions = ({ children }: { readonly children: ReactNode }): ReactElement => (
  <div className={css.actions}>{children}</div>
);
