import { ParleyError } from '../../client/index.ts';
import type { Strings } from '../strings/strings.ts';

/** An error in words for the person in front of the screen. */
export function inWords({ t }: Strings, error: unknown): string {
  if (!(error instanceof ParleyError)) return t('error.unknown');
  switch (error.code) {
    case 'network':
      return t('error.network');
    case 'unauthenticated':
    case 'session_ended':
      return t('error.signedOut');
    case 'rate_limited':
      return waiting(t, error.retryAfter);
    case 'too_large':
      return t('error.tooLarge');
    case 'overloaded':
    case 'unavailable':
    case 'internal':
      return t('error.service');
    case 'not_member':
    case 'forbidden':
    case 'blocked':
      return t('error.notAllowed');
    case 'not_found':
      return t('error.notFound');
    default:
      return t('error.refused', { detail: error.message });
  }
}

function waiting(t: Strings['t'], seconds: number | undefined): string {
  if (seconds === undefined) return t('error.tooMany');
  if (seconds < 90) return t('error.tooManySeconds', { count: Math.max(1, Math.ceil(seconds)) });
  return t('error.tooManyMinutes', { count: Math.ceil(seconds / 60) });
}
