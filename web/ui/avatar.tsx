import type { ReactElement } from 'react';
import css from './avatar.module.css';

const TONES = 8;

interface AvatarProps {
  /** The colour stays with it. */
  readonly id: string;
  readonly name: string;
  readonly size?: 'sm' | 'md' | 'lg';
}

/** A round mark with the initials of `name`. Says nothing to screen readers: the name stands beside it. */
export function Avatar({ id, name, size = 'md' }: AvatarProps): ReactElement {
  return (
    <span
      className={`${css.avatar} ${css[size]}`}
      style={{ backgroundColor: `var(--tone-${toneOf(id)})` }}
      aria-hidden="true"
    >
      {initialsOf(name)}
    </span>
  );
}

export function toneOf(id: string): number {
  let sum = 0;
  for (const unit of id) sum = (sum * 31 + (unit.codePointAt(0) ?? 0)) % 65_521;
  return sum % TONES;
}

export function initialsOf(name: string): string {
  const words = name.split(/[\s,،]+/).filter((word) => /\p{L}|\p{N}/u.test(word));
  const letters = words.slice(0, 2).map((word) => /\p{L}|\p{N}/u.exec(word)?.[0] ?? '');
  return letters.join('').toUpperCase() || '·';
}
