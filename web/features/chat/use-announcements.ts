import { useEffect } from 'react';
import { useClient } from '../../../client/react/index.ts';
import { textOf } from '../../chat/content.ts';
import { useStrings } from '../../strings/language.ts';
import { announce } from '../../ui/announcer.tsx';

/** Long ones are read in the timeline. */
const SAID = 300;

/** Lets screen readers say what others write in the open conversation when it comes; not what is scrolled to. */
export function useAnnouncements(conversation: string, me: string): void {
  const client = useClient();
  const strings = useStrings();
  useEffect(
    () =>
      client.on('message', (message) => {
        if (message.conversation !== conversation || message.from === me) return;
        const name = client.user(message.from).get()?.name ?? strings.t('chat.unknownPerson');
        const text = textOf(strings, message.content).slice(0, SAID);
        announce(strings.t('list.author', { name, text }));
      }),
    [client, conversation, me, strings],
  );
}
