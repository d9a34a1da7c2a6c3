import { type FormEvent, type ReactElement, useRef, useState } from 'react';
import type { Account } from '../../../client/index.ts';
import { useStrings } from '../../strings/language.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import css from './auth-page.module.css';
import { deviceName } from './device-name.ts';
import { LanguageSwitch } from './language-switch.tsx';
import { Mark } from './mark.tsx';
import { check, type Mistakes, type Mode, mistakesOf, normalHandle } from './mistakes.ts';

const MODES = ['login', 'register'] as const;

/** The way in: log in, or create an account. `expired`: the session ended without the person wanting it. */
export function AuthPage({
  account,
  expired,
}: {
  readonly account: Account;
  readonly expired: boolean;
}): ReactElement {
  const strings = useStrings();
  const { t } = strings;
  const [mode, setMode] = useState<Mode>('login');
  const [busy, setBusy] = useState(false);
  const [mistakes, setMistakes] = useState<Mistakes>({});
  const form = useRef<HTMLFormElement>(null);

  function change(next: Mode): void {
    setMode(next);
    setMistakes({});
  }

  /** `moves`: goes to the first field with a mistake, unless somebody has gone on in another one meanwhile. */
  function refuse(found: Mistakes, moves = true): void {
    setMistakes(found);
    const first = (['handle', 'password'] as const).find((name) => found[name] !== undefined);
    if (first && moves) form.current?.querySelector<HTMLInputElement>(`[name=${first}]`)?.focus();
  }

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const text = (name: string): string => String(data.get(name) ?? '');
    const handle = normalHandle(text('handle'));
    const name = text('name').trim();
    const password = text('password');
    const found = check(strings, mode, { handle, password });
    if (Object.keys(found).length > 0) return refuse(found);
    setMistakes({});
    setBusy(true);
    const from = document.activeElement;
    const who = { handle, password, deviceName: deviceName(strings) };
    try {
      if (mode === 'login') await account.login(who);
      else await account.register(name === '' ? who : { ...who, name });
    } catch (error) {
      setBusy(false);
      refuse(mistakesOf(strings, mode, error), document.activeElement === from);
    }
  }

  return (
    <main className={css.page}>
      <div className={css.card}>
        <Mark />
        <p className={css.slogan}>{t('auth.slogan')}</p>
        {expired && (
          <p className={css.notice} role="status">
            {t('auth.expired')}
          </p>
        )}
        <fieldset className={css.modes} aria-label={t('auth.which')}>
          {MODES.map((one) => (
            <button
              key={one}
              type="button"
              className={css.mode}
              aria-pressed={one === mode}
              onClick={() => change(one)}
            >
              {t(one === 'login' ? 'auth.logIn' : 'auth.register')}
            </button>
          ))}
        </fieldset>
        <form ref={form} className={css.form} onSubmit={(event) => void submit(event)} noValidate>
          <Field
            label={t('auth.handle')}
            name="handle"
            dir="ltr"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={33}
            required
            hint={mode === 'register' ? t('auth.handleHint') : undefined}
            error={mistakes.handle}
          />
          {mode === 'register' && (
            <Field
              label={t('auth.name')}
              name="name"
              autoComplete="name"
              maxLength={64}
              hint={t('auth.nameHint')}
            />
          )}
          <Field
            key={mode}
            label={t('auth.password')}
            name="password"
            type="password"
            dir="ltr"
            autoComplete={mode === 'login' ? 'current-password' : 'new-password'}
            maxLength={256}
            required
            hint={mode === 'register' ? t('auth.passwordHint') : undefined}
            error={mistakes.password}
          />
          {mistakes.form !== undefined && (
            <p className={css.problem} role="alert">
              {mistakes.form}
            </p>
          )}
          <Button kind="primary" type="submit" busy={busy}>
            {t(mode === 'login' ? 'auth.logIn' : 'auth.register')}
          </Button>
        </form>
      </div>
      <LanguageSwitch />
    </main>
  );
}
