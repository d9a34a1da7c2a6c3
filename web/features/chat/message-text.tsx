import { type ReactElement, type ReactNode, useMemo, useState } from 'react';
import { useStrings } from '../../strings/language.ts';
import css from './message-text.module.css';
import { bigEmojiIn, isLong, partsOf, type TextPart } from './text-parts.ts';

/** What a message says, with what can be gone to as links, and long texts folded. */
export function MessageText({ text }: { readonly text: string }): ReactElement {
  const { t } = useStrings();
  const parts = useMemo(() => partsOf(text), [text]);
  const long = useMemo(() => isLong(text), [text]);
  const big = useMemo(() => bigEmojiIn(text), [text]);
  const [open, setOpen] = useState(false);
  const folded = long && !open;
  return (
    <>
      <div className={`text ${css.text} ${folded ? css.folded : ''} ${big > 0 ? css.big : ''}`} dir="auto">
        {parts.map((part, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text never change places.
          <Part key={index} part={part} />
        ))}
      </div>
      {long && (
        <button type="button" className={css.more} aria-expanded={open} onClick={() => setOpen(!open)}>
          {t(open ? 'chat.showLess' : 'chat.showMore')}
        </button>
      )}
    </>
  );
}

function Part({ part }: { readonly part: TextPart }): ReactNode {
  switch (part.type) {
    case 'text':
      return part.text;
    case 'code':
      return (
        <code className={css.code} dir="ltr">
          {part.text}
        </code>
      );
    case 'link':
      return (
        <a href={part.href} target="_blank" rel="noopener noreferrer">
          {part.text}
        </a>
      );
  }
}
