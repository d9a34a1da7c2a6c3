import type { ReactElement } from 'react';
import type { TimelineMessage } from '../../../client/index.ts';
import { textOf } from '../../chat/content.ts';
import { useMe } from '../../chat/context.ts';
import { useName } from '../../chat/names.ts';
import { useStrings } from '../../strings/language.ts';
import { toneOf } from '../../ui/avatar.tsx';
import { OneLine } from '../../ui/one-line.tsx';
import css from './quote.module.css';

/** Enough for two lines. */
const SHOWN = 200;

/** The beginning of a message that another one is about. Undefined: it isn't loaded. */
export function Quote({ message }: { readonly message: TimelineMessage | undefined }): ReactElement {
  const strings = useStrings();
  const me = useMe();
  const name = useName(message?.from ?? me.id);
  if (!message) return <span className={css.quote}>{strings.t('chat.earlier')}</span>;
  const own = message.from === me.id;
  const colour = `var(--name-${toneOf(message.from)})`;
  return (
    <span className={css.quote} style={{ borderInlineStartColor: colour }}>
      <strong className={css.author} style={{ color: colour }}>
        <OneLine>{own ? strings.t('chat.you') : name}</OneLine>
      </strong>
      <span className={css.text} dir="auto">
        {textOf(strings, message.content).slice(0, SHOWN)}
      </span>
    </span>
  );
}
