import { type ReactElement, useCallback, useState } from 'react';
import { useApi } from '../../chat/context.ts';
import { inWords } from '../../chat/errors.ts';
import { useName } from '../../chat/names.ts';
import { useStrings } from '../../strings/language.ts';
import { Button } from '../../ui/button.tsx';
import { toast } from '../../ui/toasts.tsx';
import { useLoaded } from '../../ui/use-loaded.ts';
import css from './composer.module.css';

/** Whether the user blocks `other`; false while that isn't known. */
export function useBlocked(other: string | undefined): { readonly is: boolean; readonly again: () => void } {
  const api = useApi();
  const load = useCallback(
    async () =>
      other !== undefined &&
      (await api<{ readonly users: readonly string[] }>('GET', '/users/me/blocks')).users.includes(other),
    [api, other],
  );
  const { state, again } = useLoaded(load);
  return { is: state.name === 'there' && state.value, again };
}

/** In the place of the field: nothing is written to whom one blocks. */
export function BlockedBar(props: { readonly user: string; readonly onUnblocked: () => void }): ReactElement {
  const { user, onUnblocked } = props;
  const strings = useStrings();
  const api = useApi();
  const name = useName(user);
  const [busy, setBusy] = useState(false);
  async function unblock(): Promise<void> {
    setBusy(true);
    try {
      await api('DELETE', `/users/me/blocks/${encodeURIComponent(user)}`);
      onUnblocked();
    } catch (error) {
      toast(inWords(strings, error));
    } finally {
      setBusy(false);
    }
  }
  return (
    <div className={css.closed}>
      <span>{strings.t('chat.youBlocked', { name })}</span>
      <Button busy={busy} onClick={() => void unblock()}>
        {strings.t('privacy.unblock')}
      </Button>
    </div>
  );
}
