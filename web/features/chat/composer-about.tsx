import type { ReactElement } from 'react';
import { useConversationHandle, useObservable } from '../../../client/react/index.ts';
import { useStrings } from '../../strings/language.ts';
import { IconButton } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import css from './composer.module.css';
import { indexOfSeq } from './neighbours.ts';
import { Quote } from './quote.tsx';

/** What the text in the field is about. */
export interface Subject {
  readonly name: 'reply' | 'edit';
  readonly seq: number;
}

/** The message that is answered or changed, above the field. */
export function About(props: {
  readonly conversation: string;
  readonly subject: Subject;
  readonly onCancel: () => void;
}): ReactElement {
  const { conversation, subject, onCancel } = props;
  const { t } = useStrings();
  const { items } = useObservable(useConversationHandle(conversation).timeline);
  const message = items[indexOfSeq(items, subject.seq)];
  const edits = subject.name === 'edit';
  return (
    <section className={css.about} aria-label={t(edits ? 'chat.editing' : 'chat.replying')}>
      <Icon name={edits ? 'pencil' : 'reply'} />
      <div className={css.quote}>
        <Quote message={message?.type === 'message' ? message : undefined} />
      </div>
      <IconButton
        icon="close"
        label={t(edits ? 'chat.stopEditing' : 'chat.stopReplying')}
        onClick={onCancel}
      />
    </section>
  );
}
