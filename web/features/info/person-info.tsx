import { type ReactElement, useCallback, useState } from 'react';
import type { User } from '../../../client/index.ts';
import { useUser } from '../../../client/react/index.ts';
import { useApi } from '../../chat/context.ts';
import { inWords } from '../../chat/errors.ts';
import { useStrings } from '../../strings/language.ts';
import { toast } from '../../ui/toasts.tsx';
import { useLoaded } from '../../ui/use-loaded.ts';
import { BlockDialog } from './block-dialog.tsx';
import css from './section.module.css';
import { SettingButton } from './setting-button.tsx';

/** Somebody's profile, and whether they may reach one. */
export function PersonInfo({ id }: { readonly id: string }): ReactElement | null {
  const { t } = useStrings();
  const user = useUser(id);
  if (!user) return null;
  return (
    <>
      {user.about !== undefined && user.about !== '' && (
        <section className={css.section}>
          <h3 className={css.heading}>{t('profile.about')}</h3>
          <p className={css.text} dir="auto">
            {user.about}
          </p>
        </section>
      )}
      <Blocking user={user} />
    </>
  );
}

function Blocking({ user }: { readonly user: User }): ReactElement {
  const strings = useStrings();
  const { t } = strings;
  const api = useApi();
  const [asking, setAsking] = useState(false);
  const { id, name } = user;
  const { state, change, again } = useLoaded(
    useCallback(async () => {
      const { users } = await api<{ readonly users: readonly string[] }>('GET', '/users/me/blocks');
      return users.includes(id);
    }, [api, id]),
  );
  const path = `/users/me/blocks/${encodeURIComponent(id)}`;

  async function unblock(): Promise<void> {
    try {
      await api('DELETE', path);
      change(() => false);
      toast(t('privacy.unblocked', { name }));
    } catch (error) {
      toast(inWords(strings, error));
    }
  }

  async function block(): Promise<void> {
    await api('PUT', path);
    change(() => true);
    toast(t('block.blocked', { name }));
  }

  switch (state.name) {
    case 'loading':
      // The place of the button, so that nothing moves when it comes.
      return <div className={css.head} aria-hidden="true" />;
    case 'failed':
      return (
        <SettingButton
          icon="alert"
          label={t('action.tryAgain')}
          text={inWords(strings, state.error)}
          onPress={again}
        />
      );
    case 'there':
      return (
        <>
          {state.value ? (
            <SettingButton
              icon="block"
              label={t('privacy.unblockNamed', { name })}
              text={t('block.isBlocked')}
              onPress={() => void unblock()}
            />
          ) : (
            <SettingButton
              danger
              icon="block"
              label={t('block.named', { name })}
              onPress={() => setAsking(true)}
            />
          )}
          {asking && <BlockDialog name={name} block={block} onClose={() => setAsking(false)} />}
        </>
      );
  }
}
