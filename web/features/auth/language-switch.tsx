import type { ReactElement } from 'react';
import { chooseLanguage, useStrings } from '../../strings/language.ts';
import { isLanguage, LANGUAGES } from '../../strings/strings.ts';
import css from './language-switch.module.css';

/** The other languages, each in its own words: for who can't read the page as it is. */
export function LanguageSwitch(): ReactElement {
  const { language } = useStrings();
  const others = Object.keys(LANGUAGES)
    .filter(isLanguage)
    .filter((other) => other !== language);
  return (
    <p className={css.languages}>
      {others.map((other) => (
        <button
          key={other}
          type="button"
          className={css.language}
          lang={other}
          onClick={() => void chooseLanguage(other)}
        >
          {LANGUAGES[other].name}
        </button>
      ))}
    </p>
  );
}
