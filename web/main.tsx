import './styles/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { registerServiceWorker } from './pwa/register.ts';
import { Stage } from './session/stage.ts';
import { showLanguage } from './strings/language.ts';
import { keepFocus } from './ui/keep-focus.ts';

const root = document.querySelector('#app');
if (root) {
  const stage = new Stage(location.origin);
  // Without the texts of another language it stays English.
  await showLanguage().catch(() => {});
  keepFocus();
  createRoot(root).render(
    <StrictMode>
      <App stage={stage} />
    </StrictMode>,
  );
  // Where it isn't allowed the app needs a network to open, and works all the same.
  registerServiceWorker().catch(() => {});
}
