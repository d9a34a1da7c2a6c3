import type { ReactElement } from 'react';
import type { TimelineMessage } from '../../../client/index.ts';
import { useConversationHandle } from '../../../client/react/index.ts';
import { useMe } from '../../chat/context.ts';
import { useNames } from '../../chat/names.ts';
import { useStrings } from '../../strings/language.ts';
import css from './reactions.module.css';

/** Names that a reaction tells when pointed at. */
const NAMED = 20;

/** What people put to a message; one's own goes and comes with a click. */
export function Reactions({ message }: { readonly message: TimelineMessage }): ReactElement | null {
  const { t } = useStrings();
  const all = Object.entries(message.reactions ?? {}).filter(([, users]) => users.length > 0);
  if (all.length === 0 || message.deletedAt !== undefined) return null;
  return (
    <ul className={css.reactions} aria-label={t('chat.reactions')}>
      {all.map(([emoji, users]) => (
        <Reaction key={emoji} message={message} emoji={emoji} users={users} />
      ))}
    </ul>
  );
}

function Reaction(props: {
  readonly message: TimelineMessage;
  readonly emoji: string;
  readonly users: readonly string[];
}): ReactElement {
  const { message, emoji, users } = props;
  const { t, number, list } = useStrings();
  const me = useMe();
  const handle = useConversationHandle(message.conversation);
  const names = useNames(users.slice(0, NAMED).filter((user) => user !== me.id));
  const mine = users.includes(me.id);
  const count = users.length > 1 ? number(users.length) : '';
  const who = list(mine ? [t('chat.you'), ...names] : names);
  return (
    <li>
      <button
        type="button"
        className={mine ? `${css.reaction} ${css.mine}` : css.reaction}
        aria-pressed={mine}
        aria-label={t('chat.reaction', { emoji: count === '' ? emoji : `${emoji} ${count}`, who })}
        title={who}
        onClick={() => handle.react(message.seq, emoji, !mine)}
      >
        <span aria-hidden="true">{emoji}</span>
        {count !== '' && <span>{count}</span>}
      </button>
    </li>
  );
}
