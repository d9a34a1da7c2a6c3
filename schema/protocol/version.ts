/** Version of the wire contract. Grows only when something that stood changes its meaning; additions don't count. */
export const PROTOCOL_VERSION = 1;

export interface ProtocolRecord {
  readonly version: number;
  /** Of all frames, routes, errors and limits, without their descriptions; `npm run protocol:hash` prints it. */
  readonly hash: string;
  readonly what: string;
}

/**
 * How the contract came to be what it is, oldest first. A test compares the newest hash with the schema, so that no
 * change of the wire goes unnoticed. An entry that was released stays as it is; a change after a release adds one.
 */
export const PROTOCOL_HISTORY: readonly ProtocolRecord[] = [
  { version: 1, hash: '19294c396ee0e886', what: 'First release.' },
  {
    version: 1,
    hash: '320c1c8951d675c4',
    what: 'Preferences of conversations, `reached`, users by their ids, polls that close, `privacy` for its owner.',
  },
  {
    version: 1,
    hash: 'b8afa381c029e9b9',
    what: 'Both sides name what they know; `welcome` may come again; `reconnect`, never sent, is gone. `attempt` of a refresh, `ended` of a session, a deep look at health, `too_slow`.',
  },
];
