import { keep, kept, onKeptElsewhere } from '../state/kept.ts';
import { createValue, type Observable, useValue } from '../state/value.ts';
import { en } from './en.ts';
import type { Catalogue } from './message.ts';
import { createStrings, isLanguage, type Language, type Strings } from './strings.ts';

/** `static/boot.js` reads it too, before the first paint. */
const KEY = 'parley.language';

export type LanguageChoice = Language | 'system';

const catalogues: { readonly [L in Language]: () => Promise<Catalogue> } = {
  en: () => Promise.resolve(en),
  // Only who reads it loads it.
  ar: () => import('./ar.ts').then(({ ar }) => ar),
};

const choice = createValue<LanguageChoice>(read());
const strings = createValue<Strings>(createStrings('en', localeOf('en'), en));

export const languageChoice: Observable<LanguageChoice> = choice;
export const currentStrings: Observable<Strings> = strings;

/** The texts of the screen, in the language of the person in front of it. */
export const useStrings = (): Strings => useValue(strings);

function read(): LanguageChoice {
  const stored = kept(KEY);
  return isLanguage(stored) ? stored : 'system';
}

function systemLanguage(): Language {
  const spoken = navigator.languages.map((tag) => tag.split('-')[0]);
  return spoken.find(isLanguage) ?? 'en';
}

/** The system's variant of the language, for its way to write dates and numbers. */
function localeOf(language: Language): string {
  return navigator.languages.find((tag) => tag.split('-')[0] === language) ?? language;
}

/** Shows the app in a language from now on. */
export async function chooseLanguage(next: LanguageChoice): Promise<void> {
  keep(KEY, next === 'system' ? undefined : next);
  await showLanguage(next);
}

/** Loads the texts of a choice and puts them on the screen; English stays if they can't be loaded. */
export async function showLanguage(next: LanguageChoice = read()): Promise<void> {
  choice.set(next);
  const language = next === 'system' ? systemLanguage() : next;
  const catalogue = await catalogues[language]();
  // Another choice may have been made while it loaded.
  if (choice.get() !== next) return;
  const shown = createStrings(language, localeOf(language), catalogue);
  document.documentElement.lang = language;
  document.documentElement.dir = shown.dir;
  strings.set(shown);
}

onKeptElsewhere(KEY, () => void showLanguage());
