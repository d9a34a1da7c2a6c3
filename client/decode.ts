import type { Down } from '../schema/protocol/down.ts';

/** The exact text the runtime answers without waking an object. */
export const PING = '{"type":"ping"}';

/**
 * A frame of the service. The service is trusted with the shape of what it sends: validators would be most of the
 * bundle. Who gets one looks at its `type`, and ignores those of a later version.
 * @throws SyntaxError when it is no JSON
 */
export const decode = (text: string): Down => JSON.parse(text);
