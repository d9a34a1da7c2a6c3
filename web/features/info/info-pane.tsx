import { type ReactElement, useLayoutEffect, useRef } from 'react';
import { useConversation, useUser } from '../../../client/react/index.ts';
import { useMe } from '../../chat/context.ts';
import { otherOf, useTitle } from '../../chat/names.ts';
import { useStrings } from '../../strings/language.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { IconLink } from '../../ui/button.tsx';
import { isWriting } from '../../ui/keep-focus.ts';
import { PaneHeader } from '../../ui/panes.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import { GroupInfo } from './group-info.tsx';
import { GroupTitle } from './group-title.tsx';
import css from './info-pane.module.css';
import { MuteSetting } from './mute-setting.tsx';
import { PersonInfo } from './person-info.tsx';

/** What a conversation is: whom one talks with, who is in it, and how loud it is. */
export function InfoPane({ id }: { readonly id: string }): ReactElement | null {
  const { t } = useStrings();
  const me = useMe();
  const item = useConversation(id);
  const title = useTitle(item);
  const pane = useRef<HTMLElement>(null);
  // Whoever opened it with the keyboard goes on in it. It may come late, and then nobody is taken out of what they write.
  useLayoutEffect(() => {
    if (!isWriting()) pane.current?.querySelector('a')?.focus();
  }, []);
  const other = item && otherOf(me.id, item);
  return (
    <aside ref={pane} className={css.info} aria-label={t('info.title')}>
      <PaneHeader
        start={<IconLink icon="close" label={t('info.close')} to={`/c/${id}`} />}
        title={t(item?.kind === 'group' ? 'info.group' : 'info.title')}
      />
      <div className={css.body}>
        {item ? (
          <>
            <div className={css.top}>
              <Avatar id={other ?? id} name={title} size="lg" />
              {item.kind === 'direct' ? (
                <h3 className={css.name} dir="auto">
                  {title}
                </h3>
              ) : (
                <GroupTitle item={item} title={title} />
              )}
              <p className={css.soft}>
                {other === undefined ? (
                  t('chat.members', { count: item.memberCount })
                ) : (
                  <HandleOf id={other} />
                )}
              </p>
            </div>
            <MuteSetting item={item} />
            {item.kind === 'direct' ? (
              other !== undefined && <PersonInfo id={other} />
            ) : (
              <GroupInfo item={item} title={title} />
            )}
          </>
        ) : (
          <div className={css.top} role="status" aria-label={t('app.loading')}>
            <Spinner />
          </div>
        )}
      </div>
    </aside>
  );
}

function HandleOf({ id }: { readonly id: string }): ReactElement {
  const handle = useUser(id)?.handle;
  return <bdi dir="ltr">{handle === undefined ? '\u00a0' : `@${handle}`}</bdi>;
}
