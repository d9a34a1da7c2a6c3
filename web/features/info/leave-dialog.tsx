import { type ReactElement, useState } from 'react';
import { useLocation } from 'wouter';
import { useClient } from '../../../client/react/index.ts';
import { inWords } from '../../chat/errors.ts';
import { useStrings } from '../../strings/language.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogActions } from '../../ui/dialog.tsx';
import { toast } from '../../ui/toasts.tsx';

interface LeaveDialogProps {
  readonly conversation: string;
  readonly title: string;
  readonly onClose: () => void;
}

/** Asks once more: there is no way back but to be added again. */
export function LeaveDialog({ conversation, title, onClose }: LeaveDialogProps): ReactElement {
  const strings = useStrings();
  const { t } = strings;
  const client = useClient();
  const [path, navigate] = useLocation();
  const [busy, setBusy] = useState(false);

  async function leave(): Promise<void> {
    setBusy(true);
    try {
      await client.conversation(conversation).leave();
      if (path.startsWith(`/c/${conversation}`)) navigate('/');
      toast(t('leave.left', { title }));
      onClose();
    } catch (error) {
      setBusy(false);
      toast(inWords(strings, error));
    }
  }

  return (
    <Dialog title={t('leave.title', { title })} onClose={onClose}>
      <p>{t('leave.text')}</p>
      <DialogActions>
        <Button onClick={onClose}>{t('action.cancel')}</Button>
        <Button kind="destroy" busy={busy} onClick={() => void leave()}>
          {t('leave.leave')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
