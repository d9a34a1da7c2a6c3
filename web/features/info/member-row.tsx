import { type ReactElement, useState } from 'react';
import { useLocation } from 'wouter';
import type { Member, Role } from '../../../client/index.ts';
import { useClient, useConversationHandle, useUser } from '../../../client/react/index.ts';
import { useMe } from '../../chat/context.ts';
import { inWords } from '../../chat/errors.ts';
import { useStrings } from '../../strings/language.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { IconButton } from '../../ui/button.tsx';
import { Menu, type MenuAction } from '../../ui/menu.tsx';
import { OneLine } from '../../ui/one-line.tsx';
import type { Box } from '../../ui/place-menu.ts';
import { toast } from '../../ui/toasts.tsx';
import { startChat } from '../new/start-chat.ts';
import css from './members.module.css';
import { RemoveDialog } from './remove-dialog.tsx';
import { rightsOver } from './rights.ts';

interface MemberRowProps {
  readonly conversation: string;
  readonly member: Member;
  /** One's own role. */
  readonly own: Role | undefined;
}

const ICONS = { owner: 'shield', admin: 'shield', member: 'person' } as const;

/** Somebody in a group, and what may be done about them. */
export function MemberRow({ conversation, member, own }: MemberRowProps): ReactElement {
  const strings = useStrings();
  const { t } = strings;
  const me = useMe();
  const client = useClient();
  const handle = useConversationHandle(conversation);
  const [, navigate] = useLocation();
  const user = useUser(member.user);
  const [anchor, setAnchor] = useState<Box>();
  const [removing, setRemoving] = useState(false);
  const name = user?.name ?? t('chat.unknownPerson');
  const self = member.user === me.id;
  const rights = rightsOver(own, member.role);
  const failed = (error: unknown): unknown => toast(inWords(strings, error));

  const message = async (): Promise<void> => {
    const id = user && (await startChat(client, user.handle));
    if (id !== undefined) navigate(`/c/${id}`);
  };
  const give = async (role: Role): Promise<void> => {
    await handle.setRole(member.user, role);
    await handle.loadMembers();
  };
  const roles = rights.roles.map(
    (role): MenuAction => ({
      label: t(`info.make.${role}`),
      icon: ICONS[role],
      run: () => void give(role).catch(failed),
    }),
  );
  const remove: MenuAction[] = rights.remove
    ? [{ label: t('info.remove'), icon: 'person-remove', danger: true, run: () => setRemoving(true) }]
    : [];
  const talk: MenuAction = {
    label: t('list.startWith', { handle: name }),
    icon: 'chats',
    run: () => void message().catch(failed),
  };

  return (
    <div className={css.member}>
      <Avatar id={member.user} name={name} />
      <span className={css.words}>
        <span className={css.name}>{self ? t('info.you') : <OneLine>{name}</OneLine>}</span>
        <span className={css.handle}>
          <bdi dir="ltr">{user ? `@${user.handle}` : '\u00a0'}</bdi>
        </span>
      </span>
      {member.role !== 'member' && <span className={css.role}>{t(`role.${member.role}`)}</span>}
      {!self && (
        <IconButton
          icon="more"
          label={t('list.more', { title: name })}
          aria-haspopup="menu"
          onClick={(event) => setAnchor(event.currentTarget.getBoundingClientRect())}
        />
      )}
      {anchor && (
        <Menu
          label={t('list.more', { title: name })}
          anchor={anchor}
          groups={[[talk], roles, remove]}
          onClose={() => setAnchor(undefined)}
        />
      )}
      {removing && (
        <RemoveDialog
          name={name}
          remove={() => handle.removeMember(member.user)}
          onClose={() => setRemoving(false)}
        />
      )}
    </div>
  );
}
