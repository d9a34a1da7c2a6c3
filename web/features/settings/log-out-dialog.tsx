import { type ReactElement, useState } from 'react';
import { useStage } from '../../chat/context.ts';
import { useStrings } from '../../strings/language.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogActions } from '../../ui/dialog.tsx';

/** Asks once more: what is kept in this browser goes. */
export function LogOutDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const { t } = useStrings();
  const stage = useStage();
  const [busy, setBusy] = useState(false);
  const leave = (): void => {
    setBusy(true);
    void stage.logOut();
  };
  return (
    <Dialog title={t('settings.logOutTitle')} onClose={onClose}>
      <p>{t('settings.logOutText')}</p>
      <DialogActions>
        <Button onClick={onClose}>{t('action.cancel')}</Button>
        <Button kind="destroy" busy={busy} onClick={leave}>
          {t('settings.logOut')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
