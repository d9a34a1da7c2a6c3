import { lazy, type ReactElement, Suspense } from 'react';
import { Redirect, Route, Switch } from 'wouter';
import { ParleyProvider } from '../client/react/index.ts';
import { StageContext } from './chat/context.ts';
import { AuthPage } from './features/auth/auth-page.tsx';
import { ChatsPage } from './features/chats-page.tsx';
import type { Stage } from './session/stage.ts';
import { useValue } from './state/value.ts';
import { Announcer } from './ui/announcer.tsx';
import { ErrorBoundary } from './ui/error-boundary.tsx';
import { Toasts } from './ui/toasts.tsx';

const SettingsPage = lazy(() =>
  import('./features/settings/settings-page.tsx').then(({ SettingsPage }) => ({ default: SettingsPage })),
);

/** The whole window. */
export function App({ stage }: { readonly stage: Stage }): ReactElement {
  const scene = useValue(stage.scene);
  return (
    <StageContext value={stage}>
      <ErrorBoundary resetKey={scene.name}>
        {scene.name === 'signed-out' ? (
          <AuthPage account={stage.session.account} expired={scene.expired} />
        ) : (
          <ParleyProvider client={scene.client}>
            <Pages />
          </ParleyProvider>
        )}
      </ErrorBoundary>
      <Announcer />
      <Toasts />
    </StageContext>
  );
}

/** What an address shows. */
const Pages = (): ReactElement => (
  <Switch>
    <Route path="/">
      <ChatsPage conversation={undefined} />
    </Route>
    <Route path="/c/:id/:beside?">
      {({ id, beside }) => <ChatsPage conversation={id} info={beside === 'info'} />}
    </Route>
    <Route path="/settings/:page?">
      {({ page }) => (
        <Suspense fallback={null}>
          <SettingsPage page={page} />
        </Suspense>
      )}
    </Route>
    <Route>
      <Redirect to="/" replace />
    </Route>
  </Switch>
);
