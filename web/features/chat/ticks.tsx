import type { ReactElement } from 'react';
import { useStrings } from '../../strings/language.ts';
import { Icon, type IconName } from '../../ui/icon.tsx';
import css from './ticks.module.css';

export type Tick = 'queued' | 'sending' | 'sent' | 'delivered' | 'read';

const ICONS: { readonly [T in Tick]: IconName } = {
  queued: 'clock',
  sending: 'clock',
  sent: 'check',
  delivered: 'checks',
  read: 'checks',
};

/** How far an own message has come. */
export function Ticks({ tick }: { readonly tick: Tick }): ReactElement {
  const { t } = useStrings();
  const text = t(`ticks.${tick}`);
  return (
    <span className={tick === 'read' ? css.read : css.tick} role="img" aria-label={text} title={text}>
      <Icon name={ICONS[tick]} size={16} />
    </span>
  );
}
