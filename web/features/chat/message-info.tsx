import type { ReactElement } from 'react';
import type { Member, TimelineMessage } from '../../../client/index.ts';
import { useMembers } from '../../../client/react/index.ts';
import { useMe } from '../../chat/context.ts';
import { useName } from '../../chat/names.ts';
import { useStrings } from '../../strings/language.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import css from './message-info.module.css';
import { Quote } from './quote.tsx';

interface MessageInfoProps {
  readonly message: TimelineMessage;
  readonly onClose: () => void;
}

/** When a message was sent, and who has it and has read it. */
export function MessageInfo({ message, onClose }: MessageInfoProps): ReactElement {
  const { t, moment } = useStrings();
  const me = useMe().id;
  const members = useMembers(message.conversation)?.filter(({ user }) => user !== me);
  const read = members?.filter((member) => member.read >= message.seq);
  const delivered = members?.filter((member) => member.read < message.seq && member.delivered >= message.seq);
  const waiting = members?.filter((member) => member.delivered < message.seq);
  return (
    <Dialog title={t('chat.info')} onClose={onClose}>
      <Quote message={message} />
      <p className={css.sent}>{t('info.sentAt', { at: moment(message.at) })}</p>
      {members ? (
        <>
          <People title={t('info.read')} members={read} />
          <People title={t('info.delivered')} members={delivered} />
          <People title={t('info.waiting')} members={waiting} />
        </>
      ) : (
        <div className={css.loading} role="status" aria-label={t('app.loading')}>
          <Spinner />
        </div>
      )}
    </Dialog>
  );
}

function People(props: {
  readonly title: string;
  readonly members: readonly Member[] | undefined;
}): ReactElement | null {
  const { title, members = [] } = props;
  if (members.length === 0) return null;
  return (
    <section>
      <h3 className={css.title}>{title}</h3>
      <ul>
        {members.map(({ user }) => (
          <Person key={user} id={user} />
        ))}
      </ul>
    </section>
  );
}

function Person({ id }: { readonly id: string }): ReactElement {
  const name = useName(id);
  return (
    <li className={css.person}>
      <Avatar id={id} name={name} size="sm" />
      <span className={css.name} dir="auto">
        {name}
      </span>
    </li>
  );
}
