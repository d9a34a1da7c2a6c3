import { currentStrings } from '../strings/language.ts';
import { toast } from '../ui/toasts.tsx';
import { TAKE_OVER } from './messages.ts';

const HOUR_MS = 3_600_000;

/** Makes the app open without a network, and tells when a new version is there. */
export async function registerServiceWorker(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  const { serviceWorker } = navigator;
  // The first one of all takes over a page that was loaded with the same files: nobody needs to know.
  let first = serviceWorker.controller === null;
  let asked = false;
  serviceWorker.addEventListener('controllerchange', () => {
    if (asked) location.reload();
    else if (first) first = false;
    else offer(() => location.reload());
  });

  const registration = await serviceWorker.register('/service-worker.js', { updateViaCache: 'none' });
  const offerWaiting = (): void => {
    const { waiting } = registration;
    if (!waiting || !serviceWorker.controller) return;
    offer(() => {
      asked = true;
      waiting.postMessage(TAKE_OVER);
    });
  };
  offerWaiting();
  registration.addEventListener('updatefound', () => {
    const worker = registration.installing;
    worker?.addEventListener('statechange', () => worker.state === 'installed' && offerWaiting());
  });

  // An app stays open for days: the browser looks for a new version by itself only when a page is loaded.
  const look = (): void => {
    if (document.visibilityState === 'visible') registration.update().catch(() => {});
  };
  document.addEventListener('visibilitychange', look);
  setInterval(look, HOUR_MS);
}

function offer(reload: () => void): void {
  const { t } = currentStrings.get();
  toast(t('update.there'), { sticky: true, action: { label: t('action.reload'), run: reload } });
}
