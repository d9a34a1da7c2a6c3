import type { ReactElement } from 'react';
import type { ConnectionState } from '../../../client/index.ts';
import { useClient, useConnection } from '../../../client/react/index.ts';
import { useStrings } from '../../strings/language.ts';
import type { Strings } from '../../strings/strings.ts';
import { useNow } from '../../ui/use-now.ts';
import css from './connection-banner.module.css';

/** A line about the connection, there only when something is wrong with it. */
export function ConnectionBanner(): ReactElement {
  const strings = useStrings();
  const { t } = strings;
  const client = useClient();
  const state = useConnection();
  const waiting = state.name === 'reconnecting';
  const away = waiting || state.name === 'offline';
  const now = useNow(waiting);
  const text = textOf(strings, state);
  const outdated = state.name === 'closed' && state.reason === 'unsupported_version';
  return (
    <div className={css.banner}>
      {/* Always there, so that screen readers hear what appears in it; the countdown is only for the eyes. */}
      <p role="status" aria-label={t('connection.name')} className={css.text}>
        {text !== undefined && (
          <>
            <span>{text}</span>
            {waiting && <span aria-hidden="true">{countdown(strings, state.at - now)}</span>}
          </>
        )}
      </p>
      {away && (
        <button type="button" className={css.action} onClick={() => client.network(true)}>
          {t('action.tryNow')}
        </button>
      )}
      {outdated && (
        <button type="button" className={css.action} onClick={() => location.reload()}>
          {t('action.reload')}
        </button>
      )}
    </div>
  );
}

function textOf({ t }: Strings, state: ConnectionState): string | undefined {
  switch (state.name) {
    case 'idle':
    case 'online':
      return undefined;
    case 'connecting':
      // The first one is quick, or fails and says so.
      return state.attempt === 0 ? undefined : t('connection.tryingNow');
    case 'reconnecting':
      return t('connection.reconnecting');
    case 'offline':
      return t('connection.offline');
    case 'needs-auth':
      return t('connection.needsAuth');
    case 'closed':
      return state.reason === 'unsupported_version' ? t('connection.outdated') : undefined;
  }
}

function countdown({ t }: Strings, ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  return seconds > 0 ? t('connection.tryingIn', { count: seconds }) : t('connection.tryingNow');
}
