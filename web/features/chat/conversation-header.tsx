import type { ReactElement } from 'react';
import { Link } from 'wouter';
import type { ConversationItem } from '../../../client/index.ts';
import { useUser } from '../../../client/react/index.ts';
import { useMe } from '../../chat/context.ts';
import { otherOf, useNames, useTitle } from '../../chat/names.ts';
import { useStrings } from '../../strings/language.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { IconLink } from '../../ui/button.tsx';
import { NarrowOnly, PaneHeader } from '../../ui/panes.tsx';
import css from './conversation-pane.module.css';

/** Whom one talks with. The head of a group leads to its members. */
export function ConversationHeader(props: { readonly conversation: ConversationItem }): ReactElement {
  const { conversation } = props;
  const { t } = useStrings();
  const me = useMe().id;
  const title = useTitle(conversation);
  const other = otherOf(me, conversation);
  const label = t('chat.openInfo', { title });
  return (
    <PaneHeader
      start={
        <>
          <NarrowOnly>
            <IconLink icon="back" label={t('action.backToList')} to="/" />
          </NarrowOnly>
          <Avatar id={other ?? conversation.id} name={title} />
        </>
      }
      title={
        <Link href={`/c/${conversation.id}/info`} className={css.title} aria-label={label}>
          {title}
        </Link>
      }
      subtitle={other === undefined ? <Members conversation={conversation} /> : <HandleOf user={other} />}
    />
  );
}

function HandleOf({ user }: { readonly user: string }): ReactElement {
  const handle = useUser(user)?.handle;
  // Even without the handle its line is there, so that nothing moves.
  return <bdi dir="ltr">{handle === undefined ? '\u00a0' : `@${handle}`}</bdi>;
}

/** Names of others that are written out. */
const NAMED = 8;

function Members({ conversation }: { readonly conversation: ConversationItem }): ReactElement {
  const { t, list, names: commas } = useStrings();
  const me = useMe().id;
  const others = (conversation.members ?? []).filter((member) => member.user !== me);
  const names = useNames(others.slice(0, NAMED).map((member) => member.user));
  const count = t('chat.members', { count: conversation.memberCount });
  // Without a title of its own the names are the title already.
  if (conversation.title === undefined || names.length === 0) return <>{count}</>;
  return (
    <>
      {count} · {names.length < others.length ? commas([...names, '…']) : list(names)}
    </>
  );
}
