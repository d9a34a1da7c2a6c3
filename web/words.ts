import { ParleyError } from '../client/index.ts';

/** An error in words for the person in front of the screen. */
export function inWords(error: unknown): string {
  if (!(error instanceof ParleyError)) return 'Something went wrong. Please try again.';
  switch (error.code) {
    case 'network':
      return 'The service can’t be reached. Check your connection and try again.';
    case 'unauthenticated':
    case 'session_ended':
      return 'You have been signed out. Please log in again.';
    case 'rate_limited':
      return error.retryAfter === undefined
        ? 'Too many attempts. Please wait a moment.'
        : `Too many attempts. Please try again in ${waiting(error.retryAfter)}.`;
    case 'too_large':
      return 'This message is too long. Send it in several parts.';
    case 'overloaded':
    case 'unavailable':
    case 'internal':
      return 'The service has a problem at the moment. Please try again.';
    case 'not_member':
    case 'forbidden':
    case 'blocked':
      return 'You can’t do this here.';
    default:
      return sentence(error.message);
  }
}

function waiting(seconds: number): string {
  if (seconds < 90) return seconds === 1 ? 'a second' : `${Math.ceil(seconds)} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}

function sentence(text: string): string {
  const start = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(start) ? start : `${start}.`;
}

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'long' });
const date = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' });
const shortDate = new Intl.DateTimeFormat(undefined, { day: '2-digit', month: '2-digit', year: '2-digit' });
const DAY_MS = 86_400_000;

export const timeOf = (at: number): string => clock.format(at);

const midnight = (at: number): number => new Date(at).setHours(0, 0, 0, 0);

/** Whole days between the two, by the calendar. */
const daysAgo = (at: number, now: number): number => Math.round((midnight(now) - midnight(at)) / DAY_MS);

export function dayOf(at: number, now = Date.now()): string {
  const days = daysAgo(at, now);
  if (days === 0) return 'Today';
  if (days === 1) return 'Yesterday';
  return days > 0 && days < 7 ? weekday.format(at) : date.format(at);
}

/** For a list: the time today, else the day. */
export function briefly(at: number, now = Date.now()): string {
  const days = daysAgo(at, now);
  if (days === 0) return timeOf(at);
  if (days === 1) return 'Yesterday';
  return days > 0 && days < 7 ? weekday.format(at) : shortDate.format(at);
}
