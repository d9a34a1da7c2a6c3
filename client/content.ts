import type { Content } from '../schema/protocol/content.ts';

/** A text is short for a content of one. */
export const asContent = (content: Content | string): Content =>
  typeof content === 'string' ? { kind: 'text', text: content } : content;
