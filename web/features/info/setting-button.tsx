import type { MouseEvent, ReactElement } from 'react';
import { Icon, type IconName } from '../../ui/icon.tsx';
import css from './section.module.css';

interface SettingButtonProps {
  readonly icon: IconName;
  readonly label: string;
  /** How it stands now. */
  readonly text?: string | undefined;
  readonly danger?: boolean;
  readonly menu?: boolean;
  readonly onPress: (event: MouseEvent<HTMLButtonElement>) => void;
}

/** A whole line that does something. */
export const SettingButton = (props: SettingButtonProps): ReactElement => (
  <button
    type="button"
    className={props.danger ? `${css.setting} ${css.danger}` : css.setting}
    aria-haspopup={props.menu ? 'menu' : undefined}
    onClick={props.onPress}
  >
    <Icon name={props.icon} />
    <span className={css.words}>
      {props.label}
      {props.text !== undefined && <span className={css.soft}>{props.text}</span>}
    </span>
  </button>
);
