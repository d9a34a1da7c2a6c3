import { type ReactElement, useState } from 'react';
import { useLocation } from 'wouter';
import type { ConversationItem, User } from '../../../client/index.ts';
import { useClient, useConversations } from '../../../client/react/index.ts';
import { useMe } from '../../chat/context.ts';
import { inWords } from '../../chat/errors.ts';
import { otherOf, useTitle } from '../../chat/names.ts';
import { useStrings } from '../../strings/language.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Combobox, OptionWords } from '../../ui/combobox.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { toast } from '../../ui/toasts.tsx';
import { useShown } from '../../ui/use-shown.ts';
import { ranked, wordsOf } from '../list/find.ts';
import { useFindable } from '../list/use-findable.ts';
import { PersonOption } from './person-option.tsx';
import { startChat } from './start-chat.ts';
import css from './switcher.module.css';
import { useLookUp } from './use-people.ts';

const MOST_SHOWN = 30;
const NOBODY: readonly User[] = [];

type Option =
  | { readonly type: 'conversation'; readonly item: ConversationItem }
  | { readonly type: 'person'; readonly user: User };

/** Goes to any conversation with a few letters of it, or to whoever has a handle. */
export function Switcher({ onClose }: { readonly onClose: () => void }): ReactElement {
  const strings = useStrings();
  const { t } = strings;
  const client = useClient();
  const me = useMe();
  const [, navigate] = useLocation();
  const [query, setQuery] = useState('');
  const isShown = useShown();
  const { items } = useConversations();
  const findable = useFindable(items, true);
  const lookUp = useLookUp(query, NOBODY);
  const found = ranked(items, wordsOf(query), findable).slice(0, MOST_SHOWN);
  const options: Option[] = found.map((item) => ({ type: 'conversation', item }));
  const known = new Set(items.map((item) => otherOf(me.id, item)));
  if (lookUp.name === 'found' && lookUp.user.id !== me.id && !known.has(lookUp.user.id))
    options.push({ type: 'person', user: lookUp.user });

  function goTo(id: string): void {
    onClose();
    navigate(`/c/${id}`);
  }

  async function choose(option: Option): Promise<void> {
    if (option.type === 'conversation') return goTo(option.item.id);
    try {
      // Open until then: what is typed meanwhile is not for the conversation below.
      const id = await startChat(client, option.user.handle);
      if (id !== undefined && isShown()) goTo(id);
    } catch (error) {
      toast(inWords(strings, error));
    }
  }

  return (
    <Dialog title={t('switcher.title')} onClose={onClose}>
      <Combobox<Option>
        quiet
        label={t('switcher.label')}
        placeholder={t('switcher.label')}
        query={query}
        onQuery={setQuery}
        options={options}
        keyOf={(option) => (option.type === 'person' ? option.user.id : option.item.id)}
        onChoose={(option) => void choose(option)}
        none={
          <p className={css.none} role="status">
            {lookUp.name === 'looking'
              ? t('switcher.looking')
              : t('list.nothingText', { query: query.trim() })}
          </p>
        }
      >
        {(option) =>
          option.type === 'person' ? (
            <PersonOption user={option.user} />
          ) : (
            <ConversationOption item={option.item} />
          )
        }
      </Combobox>
    </Dialog>
  );
}

function ConversationOption({ item }: { readonly item: ConversationItem }): ReactElement {
  const { t } = useStrings();
  const me = useMe();
  const client = useClient();
  const title = useTitle(item);
  const other = otherOf(me.id, item);
  const handle = other === undefined ? undefined : client.user(other).get()?.handle;
  const text =
    item.kind === 'direct' ? handle && `@${handle}` : t('chat.members', { count: item.memberCount });
  return <OptionWords start={<Avatar id={other ?? item.id} name={title} />} title={title} text={text} />;
}
