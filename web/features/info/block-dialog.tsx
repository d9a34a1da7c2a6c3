import { type ReactElement, useState } from 'react';
import { inWords } from '../../chat/errors.ts';
import { useStrings } from '../../strings/language.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogActions } from '../../ui/dialog.tsx';
import { toast } from '../../ui/toasts.tsx';

interface BlockDialogProps {
  readonly name: string;
  readonly block: () => Promise<void>;
  readonly onClose: () => void;
}

/** Says what blocking means before it is done. */
export function BlockDialog({ name, block, onClose }: BlockDialogProps): ReactElement {
  const strings = useStrings();
  const { t } = strings;
  const [busy, setBusy] = useState(false);

  async function go(): Promise<void> {
    setBusy(true);
    try {
      await block();
      onClose();
    } catch (error) {
      setBusy(false);
      toast(inWords(strings, error));
    }
  }

  return (
    <Dialog title={t('block.title', { name })} onClose={onClose}>
      <p>{t('block.text')}</p>
      <DialogActions>
        <Button onClick={onClose}>{t('action.cancel')}</Button>
        <Button kind="destroy" busy={busy} onClick={() => void go()}>
          {t('block.block')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
