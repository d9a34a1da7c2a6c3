import type { Down } from '../schema/protocol/down.ts';

/** Frames this version understands. */
const KNOWN: ReadonlySet<string> = new Set<Down['type']>([
  'welcome',
  'batch',
  'synced',
  'ack',
  'message',
  'edit',
  'delete',
  'react',
  'member',
  'conversation',
  'withheld',
  'receipt',
  'typing',
  'presence',
  'hint',
  'prefs',
  'error',
  'reconnect',
  'pong',
]);

/** The exact text the runtime answers without waking an object. */
export const PING = '{"type":"ping"}';

/**
 * A frame of the service; undefined for one of a later version, which is to be ignored.
 * Only `type` is looked at: the service is trusted with the shape of what it sends, and validators would be most of
 * the bundle.
 * @throws SyntaxError when it is no JSON
 */
export function decode(text: string): Down | undefined {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || !('type' in value)) return undefined;
  return typeof value.type === 'string' && KNOWN.has(value.type) ? (value as Down) : undefined;
}
