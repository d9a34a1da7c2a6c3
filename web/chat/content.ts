import type { Content } from '../../client/index.ts';
import type { Strings } from '../strings/strings.ts';

/** What a message says, as plain text; kinds this app can't show are named. */
export function textOf({ t }: Strings, content: Content): string {
  if (content.kind === 'text' && typeof content['text'] === 'string') return content['text'];
  return t(content.kind === 'deleted' ? 'chat.deleted' : 'chat.unknownKind');
}
