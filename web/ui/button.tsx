import type { ComponentProps, ReactElement, ReactNode } from 'react';
import { Link } from 'wouter';
import css from './button.module.css';
import { Icon, type IconName } from './icon.tsx';
import { Spinner } from './spinner.tsx';

/** `danger`: takes something away; `destroy`: the same, as the last word of a dialog. */
type Kind = 'primary' | 'plain' | 'danger' | 'destroy';

interface ButtonProps extends Omit<ComponentProps<'button'>, 'className'> {
  readonly kind?: Kind;
  readonly icon?: IconName;
  /** Under way: shown as such, and can't be pressed again. The width stays, and so does the focus. */
  readonly busy?: boolean;
  readonly children: ReactNode;
}

const classOf = (kind: Kind): string => `${css.button} ${css[kind]}`;

export function Button({ kind = 'plain', icon, busy = false, children, ...rest }: ButtonProps): ReactElement {
  return (
    <button
      type="button"
      {...rest}
      className={classOf(kind)}
      aria-disabled={busy || undefined}
      aria-busy={busy}
      onClick={busy ? (event) => event.preventDefault() : rest.onClick}
    >
      <span className={busy ? `${css.label} ${css.away}` : css.label}>
        {icon && <Icon name={icon} />}
        {children}
      </span>
      {busy && (
        <span className={css.busy}>
          <Spinner />
        </span>
      )}
    </button>
  );
}

interface IconButtonProps extends Omit<ComponentProps<'button'>, 'className' | 'children'> {
  readonly icon: IconName;
  /** What it does: said to screen readers, and shown when pointed at. */
  readonly label: string;
}

export function IconButton({ icon, label, ...rest }: IconButtonProps): ReactElement {
  return (
    <button type="button" {...rest} className={css.icon} aria-label={label} title={label}>
      <Icon name={icon} />
    </button>
  );
}

/** Looks like an icon button, goes somewhere. */
export function IconLink(props: {
  readonly icon: IconName;
  readonly label: string;
  readonly to: string;
}): ReactElement {
  return (
    <Link href={props.to} className={css.icon} aria-label={props.label} title={props.label}>
      <Icon name={props.icon} />
    </Link>
  );
}
