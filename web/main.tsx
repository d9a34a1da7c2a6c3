import './styles/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { Stage } from './session/stage.ts';
import { showLanguage } from './strings/language.ts';

const root = document.querySelector('#app');
if (root) {
  const stage = new Stage(location.origin);
  // Without the texts of another language it stays English.
  await showLanguage().catch(() => {});
  createRoot(root).render(
    <StrictMode>
      <App stage={stage} />
    </StrictMode>,
  );
}
