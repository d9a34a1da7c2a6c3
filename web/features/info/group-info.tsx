import { type ReactElement, useDeferredValue, useState } from 'react';
import type { ConversationItem, Member, Role } from '../../../client/index.ts';
import { useMembers, useUsers } from '../../../client/react/index.ts';
import { useMe } from '../../chat/context.ts';
import { useStrings } from '../../strings/language.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { toast } from '../../ui/toasts.tsx';
import { showDialog } from '../dialogs.tsx';
import { fitOf, wordsOf } from '../list/find.ts';
import { AddDialog } from './add-dialog.tsx';
import { MemberRow } from './member-row.tsx';
import css from './members.module.css';
import { byRank, mayManage } from './rights.ts';
import sections from './section.module.css';
import { SettingButton } from './setting-button.tsx';

/** Members that are shown at first, and with each further step. */
const STEP = 50;
/** From here on there is a field to look for somebody. */
const MANY = 12;
const NOBODY: readonly string[] = [];

/** Who is in a group, and what can be done about it. */
export function GroupInfo(props: { readonly item: ConversationItem; readonly title: string }): ReactElement {
  const { item, title } = props;
  const { t } = useStrings();
  const me = useMe();
  // The list's own knowledge shows the first of them at once.
  const members =
    useMembers(item.id) ?? item.members?.map((member) => ({ ...member, delivered: 0, read: 0 }));
  const [adding, setAdding] = useState(false);
  const own = members?.find(({ user }) => user === me.id)?.role;
  return (
    <>
      <section className={sections.section} aria-label={t('info.members')}>
        <div className={sections.head}>
          <h3 className={sections.heading}>{t('chat.members', { count: item.memberCount })}</h3>
          {members && <CopyNames members={members} />}
        </div>
        {mayManage(own) && (
          <SettingButton icon="person-add" label={t('info.add')} onPress={() => setAdding(true)} />
        )}
        {members ? (
          <MemberList conversation={item.id} members={members} own={own} />
        ) : (
          <div className={css.waiting} role="status" aria-label={t('app.loading')} />
        )}
      </section>
      <SettingButton
        danger
        icon="leave"
        label={t('leave.leave')}
        onPress={() => showDialog({ name: 'leave', conversation: item.id, title })}
      />
      {adding && (
        <AddDialog
          conversation={item.id}
          members={new Set(members?.map(({ user }) => user))}
          onClose={() => setAdding(false)}
        />
      )}
    </>
  );
}

interface MemberListProps {
  readonly conversation: string;
  readonly members: readonly Member[];
  readonly own: Role | undefined;
}

function MemberList({ conversation, members, own }: MemberListProps): ReactElement {
  const { t } = useStrings();
  const me = useMe();
  const [query, setQuery] = useState('');
  const [most, setMost] = useState(STEP);
  const words = wordsOf(useDeferredValue(query));
  const users = useUsers(words.length > 0 ? members.map(({ user }) => user) : NOBODY);
  const found = members.filter(({ user: id }) => {
    if (words.length === 0) return true;
    const user = users.get(id);
    return user && fitOf(words, { title: user.name, names: [], handles: [user.handle] }) > 0;
  });
  // Oneself first, then those with more to say.
  const sorted = [...found].sort(
    (a, b) => Number(b.user === me.id) - Number(a.user === me.id) || byRank(a, b),
  );
  const left = sorted.length - most;
  return (
    <>
      {members.length > MANY && (
        <Field
          label={t('info.find')}
          value={query}
          autoComplete="off"
          onChange={(event) => setQuery(event.target.value)}
        />
      )}
      {sorted.length === 0 && (
        <p className={sections.soft}>{t('list.nothingText', { query: query.trim() })}</p>
      )}
      <ul className={css.members}>
        {sorted.slice(0, most).map((member) => (
          <li key={member.user}>
            <MemberRow conversation={conversation} member={member} own={own} />
          </li>
        ))}
      </ul>
      {left > 0 && (
        <Button onClick={() => setMost(most + 2 * STEP)}>{t('info.showMore', { count: left })}</Button>
      )}
    </>
  );
}

/** Puts everybody's names on the clipboard, a line each. */
function CopyNames({ members }: { readonly members: readonly Member[] }): ReactElement {
  const { t } = useStrings();
  const [wanted, setWanted] = useState(false);
  const users = useUsers(wanted ? members.map(({ user }) => user) : NOBODY);
  const lines = members.flatMap(({ user: id }) => {
    const user = users.get(id);
    return user ? [`${user.name} @${user.handle}`] : [];
  });
  const copy = (): void => {
    if (lines.length < members.length) {
      toast(t('info.namesLoading'));
      return;
    }
    navigator.clipboard.writeText(lines.join('\n')).then(
      () => toast(t('info.copied', { count: lines.length })),
      () => toast(t('info.copyFailed')),
    );
  };
  // Pointed at, the names are on their way before the button is pressed.
  return (
    <Button onPointerEnter={() => setWanted(true)} onFocus={() => setWanted(true)} onClick={copy}>
      {t('info.copyNames')}
    </Button>
  );
}
