import { type ReactElement, useState } from 'react';
import { Redirect } from 'wouter';
import { useStrings } from '../../strings/language.ts';
import { IconLink } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { NarrowOnly, PaneHeader, Panes } from '../../ui/panes.tsx';
import { AppearanceSettings } from './appearance-settings.tsx';
import { DeviceSettings } from './device-settings.tsx';
import { LogOutDialog } from './log-out-dialog.tsx';
import { PrivacySettings } from './privacy-settings.tsx';
import { ProfileSettings } from './profile-settings.tsx';
import { SettingsMenu } from './settings-menu.tsx';
import css from './settings-page.module.css';
import { isSettingsPage, PAGES, type SettingsPageName } from './settings-pages.ts';

const CONTENT: { readonly [P in SettingsPageName]: () => ReactElement } = {
  profile: ProfileSettings,
  appearance: AppearanceSettings,
  privacy: PrivacySettings,
  devices: DeviceSettings,
};

/** What belongs to the account and this browser. `page`: of the address. */
export function SettingsPage({ page }: { readonly page: string | undefined }): ReactElement {
  const { t } = useStrings();
  const [leaving, setLeaving] = useState(false);
  if (page !== undefined && !isSettingsPage(page)) return <Redirect to="/settings" replace />;
  return (
    <>
      <Panes
        sideLabel={t('settings.title')}
        side={<SettingsMenu page={page} onLogOut={() => setLeaving(true)} />}
        showing={page === undefined ? 'side' : 'main'}
        mainKey={page ?? ''}
        main={
          page === undefined ? (
            <EmptyState icon="settings" title={t('settings.chooseTitle')} text={t('settings.chooseText')} />
          ) : (
            <Content key={page} page={page} />
          )
        }
      />
      {leaving && <LogOutDialog onClose={() => setLeaving(false)} />}
    </>
  );
}

function Content({ page }: { readonly page: SettingsPageName }): ReactElement {
  const { t } = useStrings();
  const Page = CONTENT[page];
  return (
    <>
      <PaneHeader
        start={
          <NarrowOnly>
            <IconLink icon="back" label={t('action.back')} to="/settings" />
          </NarrowOnly>
        }
        title={t(PAGES[page].title)}
      />
      <div className={css.scroller}>
        <div className={css.content}>
          <Page />
        </div>
      </div>
    </>
  );
}
