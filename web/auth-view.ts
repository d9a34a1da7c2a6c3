import { type Account, ParleyError } from '../client/index.ts';
import { el, field, say } from './dom.ts';
import { inWords } from './words.ts';

type Mode = 'login' | 'register';

const TEXT = {
  login: { title: 'Log in', action: 'Log in', busy: 'Logging in…' },
  register: { title: 'Create account', action: 'Create account', busy: 'Creating your account…' },
} as const;

/** The form to log in or register. `done` is called once somebody is signed in. */
export function authView(account: Account, notice: string, done: () => void): HTMLElement {
  let mode: Mode = 'login';
  const error = el('p', { class: 'error', attrs: { role: 'alert' } });
  const handle = field('Handle', {
    name: 'handle',
    autocomplete: 'username',
    autocapitalize: 'none',
    spellcheck: 'false',
    required: true,
    maxlength: 33,
  });
  const name = field(
    'Name',
    { name: 'name', autocomplete: 'name', maxlength: 64 },
    'What others see. You can leave it empty.',
  );
  const password = field('Password', { name: 'password', type: 'password', required: true, maxlength: 256 });
  const hint = el(
    'small',
    { class: 'hint' },
    'Handle: 3 to 32 of a–z, 0–9, _ and . — password: at least 8 characters.',
  );
  const submit = el('button', { class: 'primary', attrs: { type: 'submit' } });
  const tabs = (['login', 'register'] as const).map((which) =>
    el(
      'button',
      { attrs: { type: 'button', 'data-mode': which }, on: { click: () => show(which) } },
      TEXT[which].title,
    ),
  );

  function show(next: Mode): void {
    mode = next;
    for (const tab of tabs) tab.setAttribute('aria-pressed', String(tab.dataset['mode'] === mode));
    name.row.hidden = mode === 'login';
    hint.hidden = mode === 'login';
    password.input.autocomplete = mode === 'login' ? 'current-password' : 'new-password';
    submit.textContent = TEXT[mode].action;
    say(error, '');
  }

  async function send(event: Event): Promise<void> {
    event.preventDefault();
    const who = {
      handle: handle.input.value.trim().replace(/^@/, '').toLowerCase(),
      password: password.input.value,
      deviceName: 'Web browser',
    };
    const shown = name.input.value.trim();
    say(error, '');
    submit.disabled = true;
    submit.textContent = TEXT[mode].busy;
    try {
      if (mode === 'login') await account.login(who);
      else await account.register(shown === '' ? who : { ...who, name: shown });
      done();
    } catch (cause) {
      say(error, authError(cause, mode));
      (mode === 'login' ? password : handle).input.focus();
    } finally {
      submit.disabled = false;
      submit.textContent = TEXT[mode].action;
    }
  }

  show('login');
  return el(
    'main',
    { class: 'auth' },
    el(
      'form',
      { class: 'card', on: { submit: (event) => void send(event) } },
      el('h1', { class: 'brand' }, 'Parley'),
      notice !== '' && el('p', { class: 'notice' }, notice),
      el(
        'div',
        { class: 'tabs', attrs: { role: 'group', 'aria-label': 'Log in or create an account' } },
        ...tabs,
      ),
      handle.row,
      name.row,
      password.row,
      hint,
      error,
      submit,
    ),
  );
}

function authError(cause: unknown, mode: Mode): string {
  const code = cause instanceof ParleyError ? cause.code : undefined;
  if (mode === 'login' && (code === 'unauthenticated' || code === 'not_found'))
    return 'The handle or the password is wrong.';
  if (mode === 'register' && code === 'conflict') return 'This handle is taken. Please choose another.';
  return inWords(cause);
}
