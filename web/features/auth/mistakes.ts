import { ParleyError } from '../../../client/index.ts';
import { inWords } from '../../chat/errors.ts';
import type { Strings } from '../../strings/strings.ts';

export type Mode = 'login' | 'register';

/** What is wrong, in words, by the field it belongs to; `form`: to none of them. */
export interface Mistakes {
  readonly handle?: string;
  readonly password?: string;
  readonly form?: string;
}

const HANDLE = /^[a-z0-9_.]{3,32}$/;
const SHORTEST_PASSWORD = 8;

/** A handle as it is stored; people write it with an @ and as their keyboard likes. */
export const normalHandle = (text: string): string => text.trim().replace(/^@/, '').toLowerCase();

/** What can be told without asking the service. */
export function check(
  { t }: Strings,
  mode: Mode,
  { handle, password }: { readonly handle: string; readonly password: string },
): Mistakes {
  return {
    ...(HANDLE.test(handle) ? {} : { handle: t('auth.handleWrong') }),
    ...(password === '' ? { password: t('auth.passwordMissing') } : {}),
    ...(mode === 'register' && password !== '' && [...password].length < SHORTEST_PASSWORD
      ? { password: t('auth.passwordShort') }
      : {}),
  };
}

/** What the service said. */
export function mistakesOf(strings: Strings, mode: Mode, error: unknown): Mistakes {
  const { t } = strings;
  const code = error instanceof ParleyError ? error.code : undefined;
  if (code === 'conflict') {
    return mode === 'register' ? { handle: t('auth.handleTaken') } : { form: t('auth.deviceLimit') };
  }
  if (mode === 'login' && (code === 'unauthenticated' || code === 'not_found' || code === 'bad_request'))
    return { password: t('auth.wrong') };
  return { form: inWords(strings, error) };
}
