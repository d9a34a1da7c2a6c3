import { type ReactElement, useCallback, useRef } from 'react';
import type { User } from '../../../client/index.ts';
import { useApi } from '../../chat/context.ts';
import { inWords } from '../../chat/errors.ts';
import { useStrings } from '../../strings/language.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Button } from '../../ui/button.tsx';
import { Choice } from '../../ui/choice.tsx';
import { toast } from '../../ui/toasts.tsx';
import { useLoaded } from '../../ui/use-loaded.ts';
import { LoadedRows, RowWords, Section } from './section.tsx';

type LastSeen = 'everyone' | 'nobody';

interface Me extends User {
  readonly privacy?: { readonly lastSeen?: LastSeen };
}

/** Ids a request may name. */
const PAGE = 100;

/** Who may see and reach the person. */
export const PrivacySettings = (): ReactElement => (
  <>
    <LastSeenSetting />
    <BlockedPeople />
  </>
);

function LastSeenSetting(): ReactElement {
  const strings = useStrings();
  const { t } = strings;
  const api = useApi();
  const { state, change, again } = useLoaded(useCallback(() => api<Me>('GET', '/users/me'), [api]));
  /** Still to be saved, and whether somebody is at it. */
  const next = useRef<LastSeen | undefined>(undefined);
  const saving = useRef(false);
  const value = state.name === 'there' ? (state.value.privacy?.lastSeen ?? 'everyone') : undefined;

  /** The arrow keys choose on their way: what is chosen while something is saved is saved after it. */
  async function choose(lastSeen: LastSeen): Promise<void> {
    if (value === undefined) return;
    // Shown at once; taken back where the service says no.
    const show = (shown: LastSeen): void =>
      change((me) => ({ ...me, privacy: { ...me.privacy, lastSeen: shown } }));
    show(lastSeen);
    next.current = lastSeen;
    if (saving.current) return;
    saving.current = true;
    let saved: LastSeen = value;
    try {
      while (next.current !== undefined) {
        const one: LastSeen = next.current;
        next.current = undefined;
        await api('PATCH', '/users/me', { privacy: { lastSeen: one } });
        saved = one;
      }
      toast(t('settings.saved'));
    } catch (error) {
      next.current = undefined;
      show(saved);
      toast(inWords(strings, error));
    } finally {
      saving.current = false;
    }
  }

  return (
    <Section>
      <Choice
        label={t('privacy.lastSeen')}
        options={[
          { value: 'everyone', label: t('privacy.everyone'), text: t('privacy.everyoneText') },
          { value: 'nobody', label: t('privacy.nobody'), text: t('privacy.nobodyText') },
        ]}
        value={value}
        onChoose={(lastSeen) => void choose(lastSeen)}
        disabled={value === undefined}
      />
      {state.name === 'failed' && (
        <p role="alert">
          {inWords(strings, state.error)} <Button onClick={again}>{t('action.tryAgain')}</Button>
        </p>
      )}
    </Section>
  );
}

function BlockedPeople(): ReactElement {
  const strings = useStrings();
  const { t } = strings;
  const api = useApi();
  const blocked = useLoaded<readonly User[]>(
    useCallback(async () => {
      const { users } = await api<{ readonly users: readonly string[] }>('GET', '/users/me/blocks');
      const pages = Array.from({ length: Math.ceil(users.length / PAGE) }, (_, page) =>
        users.slice(page * PAGE, (page + 1) * PAGE),
      );
      const people = await Promise.all(
        pages.map((ids) =>
          api<readonly User[]>('GET', `/users?ids=${ids.map(encodeURIComponent).join(',')}`),
        ),
      );
      return people.flat();
    }, [api]),
  );

  async function unblock({ id, name }: User): Promise<void> {
    try {
      await api('DELETE', `/users/me/blocks/${encodeURIComponent(id)}`);
      blocked.change((all) => all.filter((user) => user.id !== id));
      toast(t('privacy.unblocked', { name }));
    } catch (error) {
      toast(inWords(strings, error));
    }
  }

  return (
    <Section title={t('privacy.blocked')} text={t('privacy.blockedText')}>
      <LoadedRows
        load={blocked}
        none={t('privacy.blockedNone')}
        row={(user) => (
          <>
            <Avatar id={user.id} name={user.name} />
            <RowWords title={<bdi>{user.name}</bdi>} lines={[`@${user.handle}`]} />
            <Button
              aria-label={t('privacy.unblockNamed', { name: user.name })}
              onClick={() => void unblock(user)}
            >
              {t('privacy.unblock')}
            </Button>
          </>
        )}
      />
    </Section>
  );
}
