import { type ReactElement, useEffect, useRef } from 'react';
import { createValue, useValue } from '../state/value.ts';
import { useStrings } from '../strings/language.ts';
import { Button, IconButton } from './button.tsx';
import css from './toasts.module.css';

interface ToastAction {
  readonly label: string;
  readonly run: () => void;
}

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly action: ToastAction | undefined;
  /** Stays until it is answered. */
  readonly sticky: boolean;
}

const LIFE_MS = 6_000;
const shown = createValue<readonly Toast[]>([]);
let count = 0;

/** Says something in passing at the edge of the window. The answer takes it away again. */
export function toast(
  text: string,
  { action, sticky = false }: { readonly action?: ToastAction; readonly sticky?: boolean } = {},
): () => void {
  const id = ++count;
  // The same words twice would only cover more of the window.
  shown.set([...shown.get().filter((one) => one.text !== text), { id, text, action, sticky }]);
  return () => dismiss(id);
}

const dismiss = (id: number): void => shown.set(shown.get().filter((one) => one.id !== id));

/** The place where they appear; once, for the whole app. */
export function Toasts(): ReactElement {
  const all = useValue(shown);
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Shown anew, it lies above a dialog that was opened meanwhile.
    ref.current?.hidePopover();
    if (all.length > 0) ref.current?.showPopover();
  }, [all]);
  return (
    <div ref={ref} className={css.toasts} role="status" popover="manual">
      {all.map((one) => (
        <ToastLine key={one.id} toast={one} />
      ))}
    </div>
  );
}

function ToastLine({ toast: { id, text, action, sticky } }: { readonly toast: Toast }): ReactElement {
  const { t } = useStrings();
  useEffect(() => {
    if (sticky) return undefined;
    const timer = setTimeout(() => dismiss(id), LIFE_MS);
    return () => clearTimeout(timer);
  }, [id, sticky]);
  const act = (): void => {
    dismiss(id);
    action?.run();
  };
  return (
    <div className={css.toast}>
      <p className={css.text}>{text}</p>
      {action && <Button onClick={act}>{action.label}</Button>}
      <IconButton icon="close" label={t('action.close')} onClick={() => dismiss(id)} />
    </div>
  );
}
