import { lazy, type ReactElement, Suspense, useEffect } from 'react';
import { createValue, useValue } from '../state/value.ts';

/** What can be asked of the person about conversations. */
export type DialogState =
  | { readonly name: 'chat' }
  | { readonly name: 'group' }
  | { readonly name: 'switch' }
  | { readonly name: 'leave'; readonly conversation: string; readonly title: string };

const shown = createValue<DialogState | undefined>(undefined);

/** Opens a dialog above whatever is on the screen, in the place of one that is open. */
export const showDialog = (dialog: DialogState): void => shown.set(dialog);

export const closeDialog = (): void => shown.set(undefined);

// Loaded when they are first asked for: most visits need none.
const NewChatDialog = lazy(() =>
  import('./new/new-chat-dialog.tsx').then(({ NewChatDialog }) => ({ default: NewChatDialog })),
);
const NewGroupDialog = lazy(() =>
  import('./new/new-group-dialog.tsx').then(({ NewGroupDialog }) => ({ default: NewGroupDialog })),
);
const Switcher = lazy(() => import('./new/switcher.tsx').then(({ Switcher }) => ({ default: Switcher })));
const LeaveDialog = lazy(() =>
  import('./info/leave-dialog.tsx').then(({ LeaveDialog }) => ({ default: LeaveDialog })),
);

/** The place where they appear, and the keys that open them; once a page. */
export function Dialogs(): ReactElement {
  const dialog = useValue(shown);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.code !== 'KeyK')
        return;
      event.preventDefault();
      showDialog({ name: 'switch' });
    };
    document.addEventListener('keydown', onKeyDown);
    return () => {
      document.removeEventListener('keydown', onKeyDown);
      closeDialog();
    };
  }, []);
  return <Suspense fallback={null}>{dialog && dialogOf(dialog)}</Suspense>;
}

function dialogOf(dialog: DialogState): ReactElement {
  switch (dialog.name) {
    case 'chat':
      return <NewChatDialog onClose={closeDialog} />;
    case 'group':
      return <NewGroupDialog onClose={closeDialog} />;
    case 'switch':
      return <Switcher onClose={closeDialog} />;
    case 'leave':
      return <LeaveDialog conversation={dialog.conversation} title={dialog.title} onClose={closeDialog} />;
  }
}
