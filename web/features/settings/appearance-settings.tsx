import type { ReactElement } from 'react';
import { chooseTheme, THEMES, theme } from '../../state/theme.ts';
import { useValue } from '../../state/value.ts';
import { chooseLanguage, languageChoice, useStrings } from '../../strings/language.ts';
import { isLanguage, LANGUAGES } from '../../strings/strings.ts';
import { Choice } from '../../ui/choice.tsx';
import { toast } from '../../ui/toasts.tsx';

/** How the app looks in this browser. */
export function AppearanceSettings(): ReactElement {
  const { t } = useStrings();
  const languages = Object.keys(LANGUAGES).filter(isLanguage);
  const chosen = useValue(languageChoice);
  return (
    <>
      <Choice
        label={t('appearance.theme')}
        options={THEMES.map((value) => ({ value, label: t(`appearance.${value}`) }))}
        value={useValue(theme)}
        onChoose={chooseTheme}
      />
      <Choice
        label={t('appearance.language')}
        options={[
          { value: 'system', label: t('appearance.system') },
          ...languages.map((value) => ({ value, label: LANGUAGES[value].name, lang: value })),
        ]}
        value={chosen}
        onChoose={(choice) => {
          chooseLanguage(choice).catch(() => toast(t('appearance.languageFailed')));
        }}
      />
    </>
  );
}
