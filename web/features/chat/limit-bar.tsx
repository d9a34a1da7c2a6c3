import { type ReactElement, useEffect } from 'react';
import { useStrings } from '../../strings/language.ts';
import { announce } from '../../ui/announcer.tsx';
import { Button } from '../../ui/button.tsx';
import css from './composer.module.css';

interface LimitBarProps {
  /** Bytes that are left; negative: it is too long. */
  readonly left: number;
  /** As how many messages it could be sent; 0: it can't. */
  readonly parts: number;
  readonly onSplit: () => void;
  readonly onTrim: () => void;
}

/** Says how much more fits into one message, and what can be done with what doesn't. */
export function LimitBar({ left, parts, onSplit, onTrim }: LimitBarProps): ReactElement {
  const { t } = useStrings();
  const over = left < 0;
  const text = over ? t('chat.tooLong', { count: -left }) : t('chat.left', { count: left });
  useEffect(() => {
    if (over) announce(t('error.tooLarge'));
  }, [over, t]);
  return (
    <div className={over ? `${css.limit} ${css.over}` : css.limit}>
      <span>{text}</span>
      {parts > 0 && <Button onClick={onSplit}>{t('chat.split', { count: parts })}</Button>}
      {over && <Button onClick={onTrim}>{t('chat.trim')}</Button>}
    </div>
  );
}
