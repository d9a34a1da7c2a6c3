import type { User } from '../client/index.ts';
import { authView } from './auth-view.ts';
import { Chat, type Part } from './chat.ts';
import { chatView } from './chat-view.ts';
import { openAccount } from './session.ts';

const app = document.querySelector('#app');
const url = location.origin;
const account = openAccount(url);

function showLogin(notice = ''): void {
  document.title = 'Parley';
  app?.replaceChildren(authView(account, notice, start));
}

function start(): void {
  const user = account.session?.user;
  if (user) showChat(user);
  else showLogin();
}

function showChat(me: User): void {
  let draw = (_: Part): void => {};
  const chat = new Chat(account, me, url, (part) => draw(part));
  const view = chatView(chat, () => void logout());
  draw = view.update;
  app?.replaceChildren(view.root);

  const leave = (notice: string): void => {
    off();
    view.close();
    chat.close();
    location.hash = '';
    showLogin(notice);
  };
  const off = chat.client.on('state', (state) => {
    const ended = state.name === 'closed' && state.reason === 'session_ended';
    if (!ended && state.name !== 'needs-auth') return;
    leave('You have been signed out. Please log in again.');
    void account.logout();
  });

  async function logout(): Promise<void> {
    const signedOut = account.logout();
    leave('');
    await signedOut;
  }
}

start();
