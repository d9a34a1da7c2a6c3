import type { ReactElement } from 'react';
import { useStage } from '../../chat/context.ts';
import { useStrings } from '../../strings/language.ts';
import { Button, IconLink } from '../../ui/button.tsx';
import { PaneHeader, Panes } from '../../ui/panes.tsx';

/** What belongs to the account and this browser. */
export function SettingsPage({ page }: { readonly page: string | undefined }): ReactElement {
  const { t } = useStrings();
  const stage = useStage();
  return (
    <Panes
      sideLabel={t('settings.title')}
      side={
        <>
          <PaneHeader
            level={1}
            start={<IconLink icon="back" label={t('action.backToList')} to="/" />}
            title={t('settings.title')}
          />
          <Button kind="danger" icon="leave" onClick={() => void stage.logOut()}>
            {t('settings.logOut')}
          </Button>
        </>
      }
      main={null}
      showing="side"
      mainKey={page ?? ''}
    />
  );
}
