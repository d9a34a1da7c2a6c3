import { el } from './dom.ts';

const TONES = 8;

/** A round mark with the initials of `name`, in a colour that stays with `id`. Says nothing to screen readers. */
export function avatar(id: string, name: string): HTMLElement {
  let sum = 0;
  for (const unit of id) sum = (sum * 31 + (unit.codePointAt(0) ?? 0)) % 65_521;
  const words = name.split(/[\s,]+/).filter((word) => /\p{L}|\p{N}/u.test(word));
  const initials = words.slice(0, 2).map((word) => [...word][0] ?? '');
  const text = initials.join('').toUpperCase();
  return el('span', { class: `avatar tone-${sum % TONES}`, attrs: { 'aria-hidden': 'true' } }, text || '·');
}
