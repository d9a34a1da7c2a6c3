import type { Content, TimelineMessage } from '../client/index.ts';

/** What a message says, as plain text; kinds this page can't show are named. */
export function textOf(content: Content): string {
  if (content.kind === 'text' && typeof content['text'] === 'string') return content['text'];
  return content.kind === 'deleted' ? 'This message was deleted' : 'This message can’t be shown here';
}

/** The last line of a conversation in the list. */
export function lineOf({ content }: Pick<TimelineMessage, 'content'>): string {
  return textOf(content).replace(/\s+/g, ' ');
}
