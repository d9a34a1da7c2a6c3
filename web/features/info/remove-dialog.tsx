import { type ReactElement, useState } from 'react';
import { inWords } from '../../chat/errors.ts';
import { useStrings } from '../../strings/language.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogActions } from '../../ui/dialog.tsx';
import { toast } from '../../ui/toasts.tsx';

interface RemoveDialogProps {
  readonly name: string;
  readonly remove: () => Promise<void>;
  readonly onClose: () => void;
}

/** Says what it means to take somebody out of a group before it is done. */
export function RemoveDialog({ name, remove, onClose }: RemoveDialogProps): ReactElement {
  const strings = useStrings();
  const { t } = strings;
  const [busy, setBusy] = useState(false);

  async function go(): Promise<void> {
    setBusy(true);
    try {
      await remove();
      toast(t('info.removed', { name }));
      onClose();
    } catch (error) {
      setBusy(false);
      toast(inWords(strings, error));
    }
  }

  return (
    <Dialog title={t('info.removeTitle', { name })} onClose={onClose}>
      <p>{t('info.removeText')}</p>
      <DialogActions>
        <Button onClick={onClose}>{t('action.cancel')}</Button>
        <Button kind="destroy" busy={busy} onClick={() => void go()}>
          {t('action.remove')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
