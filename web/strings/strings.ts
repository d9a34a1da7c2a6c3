import type { Catalogue, Key, ValuesOf } from './message.ts';

export type Direction = 'ltr' | 'rtl';
export type Language = 'en' | 'ar';

export const LANGUAGES: { readonly [L in Language]: { readonly name: string; readonly dir: Direction } } = {
  en: { name: 'English', dir: 'ltr' },
  ar: { name: 'العربية', dir: 'rtl' },
};

export const isLanguage = (text: string | undefined): text is Language =>
  text !== undefined && Object.hasOwn(LANGUAGES, text);

/** Everything said or formatted on the screen, in one language. */
export interface Strings {
  readonly language: Language;
  readonly dir: Direction;
  /** The text of `key`, with its values filled in. A number is written as the language writes numbers. */
  readonly t: <K extends Key>(key: K, ...values: ValuesOf<K>) => string;
  readonly number: (value: number) => string;
  /** Names joined as in a sentence. */
  readonly list: (items: readonly string[]) => string;
  /** Names with commas between, when there are more. */
  readonly names: (items: readonly string[]) => string;
  /** The time of a moment, such as 14:05. */
  readonly time: (at: number) => string;
  /** The day of a moment as a heading: today, yesterday, Monday, 3 May 2025. */
  readonly day: (at: number, now?: number) => string;
  /** A moment in little space: the time today, else the day. */
  readonly brief: (at: number, now?: number) => string;
  /** A moment in full, with date and time. */
  readonly moment: (at: number) => string;
}

const STRONG: { readonly [D in Direction]: RegExp } = {
  ltr: /[A-Za-z\u00c0-\u02af\u0370-\u058f]/,
  rtl: /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/,
};
const DAY_MS = 86_400_000;

/** `locale`: the variant of the language the system prefers, such as en-GB. */
export function createStrings(language: Language, locale: string, catalogue: Catalogue): Strings {
  const { dir } = LANGUAGES[language];
  const against = STRONG[dir === 'ltr' ? 'rtl' : 'ltr'];
  const plurals = new Intl.PluralRules(locale);
  const numbers = new Intl.NumberFormat(locale);
  const lists = new Intl.ListFormat(locale, { type: 'conjunction' });
  const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
  const weekday = new Intl.DateTimeFormat(locale, { weekday: 'long' });
  const date = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long', year: 'numeric' });
  const shortDate = new Intl.DateTimeFormat(locale, { day: '2-digit', month: '2-digit', year: '2-digit' });
  const full = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });

  const say = (value: string | number): string => {
    if (typeof value === 'number') return numbers.format(value);
    // A name in the other direction must not turn the words around it over.
    return against.test(value) ? `\u2068${value}\u2069` : value;
  };

  const t = <K extends Key>(key: K, ...[values]: ValuesOf<K>): string => {
    const given: Readonly<Record<string, string | number>> = values ?? {};
    const message = catalogue[key];
    const text =
      typeof message === 'string'
        ? message
        : (message[plurals.select(Number(given['count']))] ?? message.other);
    return text.replace(/\{(\w+)\}/g, (_, name: string) => say(given[name] ?? ''));
  };

  return {
    language,
    dir,
    t,
    number: (value) => numbers.format(value),
    list: (items) => lists.format(items.map(say)),
    names: (items) => items.map(say).join(t('chat.comma')),
    time: (at) => clock.format(at),
    moment: (at) => full.format(at),
    day(at, now = Date.now()) {
      const days = daysAgo(at, now);
      if (days === 0) return t('date.today');
      if (days === 1) return t('date.yesterday');
      return days > 0 && days < 7 ? weekday.format(at) : date.format(at);
    },
    brief(at, now = Date.now()) {
      const days = daysAgo(at, now);
      if (days === 0) return clock.format(at);
      if (days === 1) return t('date.yesterday');
      return days > 0 && days < 7 ? weekday.format(at) : shortDate.format(at);
    },
  };
}

const midnight = (at: number): number => new Date(at).setHours(0, 0, 0, 0);

/** Whole days between the two, by the calendar. */
const daysAgo = (at: number, now: number): number => Math.round((midnight(now) - midnight(at)) / DAY_MS);
