/** What both ends need and no validator: a client may import this without taking the schema along. */

/** The exact text of a ping and a pong: the runtime answers it without waking an object. */
export const PING = '{"type":"ping"}';
export const PONG = '{"type":"pong"}';

/** Above this many bytes a frame costs the socket (close 1009), not only an error. */
export const FATAL_BYTES = 1_048_576;

/** WebSocket sub-protocols of an upgrade: the first names the version, the second carries the access token. */
export const SUBPROTOCOL = 'parley.v1';
export const BEARER_PREFIX = 'parley.bearer.';

/** Levels of objects and arrays inside one another in one JSON text; a content alone may have 32. */
export const MAX_DEPTH = 40;
