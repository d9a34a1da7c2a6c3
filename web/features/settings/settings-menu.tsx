import type { ReactElement } from 'react';
import { Link } from 'wouter';
import { useMe } from '../../chat/context.ts';
import { useStrings } from '../../strings/language.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { IconLink } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { PaneHeader } from '../../ui/panes.tsx';
import css from './settings-menu.module.css';
import { PAGE_NAMES, PAGES, type SettingsPageName } from './settings-pages.ts';

interface SettingsMenuProps {
  readonly page: SettingsPageName | undefined;
  readonly onLogOut: () => void;
}

/** Who is signed in, and the pages of the settings. */
export function SettingsMenu({ page, onLogOut }: SettingsMenuProps): ReactElement {
  const { t } = useStrings();
  const me = useMe();
  return (
    <>
      <PaneHeader
        level={1}
        start={<IconLink icon="back" label={t('action.backToList')} to="/" />}
        title={t('settings.title')}
      />
      <div className={css.scroller}>
        <div className={css.me}>
          <Avatar id={me.id} name={me.name} size="lg" />
          <p className={css.name} dir="auto">
            {me.name}
          </p>
          <p className={css.text}>
            <bdi>@{me.handle}</bdi>
          </p>
        </div>
        <ul>
          {PAGE_NAMES.map((name) => (
            <li key={name}>
              <Link
                href={`/settings/${name}`}
                className={css.entry}
                aria-current={name === page ? 'page' : undefined}
              >
                <Icon name={PAGES[name].icon} size={22} />
                <span className={css.words}>
                  {t(PAGES[name].title)}
                  <span className={css.text}>{t(PAGES[name].text)}</span>
                </span>
                <Icon name="chevron" size={16} />
              </Link>
            </li>
          ))}
          <li>
            <button type="button" className={`${css.entry} ${css.leave}`} onClick={onLogOut}>
              <Icon name="leave" size={22} />
              <span className={css.words}>{t('settings.logOut')}</span>
            </button>
          </li>
        </ul>
      </div>
    </>
  );
}
