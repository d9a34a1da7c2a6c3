import type { ConnectionState } from '../client/index.ts';
import { el, say } from './dom.ts';

/** One line about the connection, shown only when there is something to say. */
export function connectionView(): {
  readonly root: HTMLElement;
  readonly update: (state: ConnectionState) => void;
} {
  const root = el('p', { class: 'connection', attrs: { role: 'status' } });
  return { root, update: (state) => say(root, connectionText(state)) };
}

function connectionText(state: ConnectionState): string {
  switch (state.name) {
    case 'online':
    case 'idle':
      return '';
    case 'connecting':
      return state.attempt === 0 ? 'Connecting…' : 'Connecting again…';
    case 'reconnecting':
      return 'The connection was lost. Trying again…';
    case 'offline':
      return 'You are offline. What you write is sent when you are back.';
    case 'needs-auth':
      return 'You have been signed out.';
    case 'closed':
      return state.reason === 'unsupported_version' ? 'Please reload the page: there is a new version.' : '';
  }
}
