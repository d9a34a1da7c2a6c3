import type { ReactElement } from 'react';
import type { ConversationItem } from '../../../client/index.ts';
import { textOf } from '../../chat/content.ts';
import { useName } from '../../chat/names.ts';
import { useStrings } from '../../strings/language.ts';
import { Icon, type IconName } from '../../ui/icon.tsx';
import { OneLine } from '../../ui/one-line.tsx';
import type { LastLine } from './last-line.ts';
import css from './row-line.module.css';

type OwnState = Extract<LastLine, { type: 'own' }>['state'];

const MARKS: { readonly [S in OwnState]: IconName } = {
  waiting: 'clock',
  failed: 'alert',
  sent: 'check',
  delivered: 'checks',
  read: 'checks',
};

/** The second line of a row: who said what last, or what waits to be said. */
export function RowLine({
  line,
  item,
}: {
  readonly line: LastLine;
  readonly item: ConversationItem;
}): ReactElement {
  const strings = useStrings();
  const { t } = strings;
  switch (line.type) {
    case 'none':
      return <>{t('list.noMessages')}</>;
    case 'draft':
      return (
        <>
          <span className={css.draft}>{t('list.draft')} </span>
          <Text text={line.text} />
        </>
      );
    case 'own':
      return (
        <>
          <Mark state={line.state} />
          {item.kind !== 'direct' && <span>{t('list.you')} </span>}
          <Text text={textOf(strings, line.content)} />
        </>
      );
    case 'other':
      return (
        <>
          {item.kind !== 'direct' && <Author id={line.from} />}
          <Text text={textOf(strings, line.content)} />
        </>
      );
  }
}

/** On one line, and in the direction of its own words. */
const Text = ({ text }: { readonly text: string }): ReactElement => (
  <OneLine>{text.replace(/\s+/g, ' ')}</OneLine>
);

function Author({ id }: { readonly id: string }): ReactElement {
  const { t } = useStrings();
  return <span className={css.author}>{t('list.from', { name: useName(id) })} </span>;
}

function Mark({ state }: { readonly state: OwnState }): ReactElement {
  const { t } = useStrings();
  const label =
    state === 'waiting' ? t('ticks.queued') : state === 'failed' ? t('list.failed') : t(`ticks.${state}`);
  return (
    <span className={`${css.mark} ${css[state] ?? ''}`} role="img" aria-label={label}>
      <Icon name={MARKS[state]} size={16} />
    </span>
  );
}
