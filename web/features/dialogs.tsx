import { type ReactElement, useEffect } from 'react';
import { createValue, useValue } from '../state/value.ts';
import { LeaveDialog } from './info/leave-dialog.tsx';
import { NewChatDialog } from './new/new-chat-dialog.tsx';
import { NewGroupDialog } from './new/new-group-dialog.tsx';
import { Switcher } from './new/switcher.tsx';

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

/**
 * The place where they appear, and the keys that open them; once a page. They come with the app and not when they are asked for: whoever
 * presses the keys for one types on at once.
 */
export function Dialogs(): ReactElement | undefined {
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
  return dialog && dialogOf(dialog);
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
