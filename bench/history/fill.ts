import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Where workerd keeps the storage of our ConversationObjects under a data folder. */
const OBJECTS = join('do', 'parley-ConversationObject');

export interface Line {
  readonly text: string;
  /** Which of the two members said it. */
  readonly by: 0 | 1;
  readonly at: number;
}

/**
 * Writes messages 1 to `count` into a conversation's storage while nobody runs it, because a million sends would take an
 * hour. Both members of the conversation are the authors; the second has read everything, the first nothing.
 */
export function fill(data: string, conversation: string, count: number, lineOf = inTurn(count)): void {
  const db = open(data, conversation);
  try {
    db.exec('PRAGMA synchronous = OFF');
    const insert = db.prepare(
      'INSERT INTO entry (seq, sender, client_id, type, at, ordinal, hidden, body, state) VALUES (?, ?, ?, 0, ?, ?, NULL, ?, NULL)',
    );
    db.exec('BEGIN');
    for (let seq = 1; seq <= count; seq++) {
      const { text, by, at } = lineOf(seq);
      insert.run(seq, by, `h${seq}`, at, seq, `"content":${JSON.stringify({ kind: 'text', text })}`);
    }
    db.prepare('UPDATE progress SET settled = ?, marks = ?').run(count, JSON.stringify([0, 0, count, count]));
    db.exec('COMMIT');
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } finally {
    db.close();
  }
}

export const textOf = (seq: number): string =>
  `${seq} so it goes, and so on: about as long as what people say in a chat`;

function inTurn(count: number): (seq: number) => Line {
  const begin = Date.now() - count * 1000;
  return (seq) => ({ text: textOf(seq), by: seq % 2 === 0 ? 0 : 1, at: begin + seq * 1000 });
}

/** An object's file is named by a hash, so each is asked whose it is. */
function open(data: string, conversation: string): DatabaseSync {
  const dir = join(data, OBJECTS);
  for (const name of readdirSync(dir)) {
    if (!name.endsWith('.sqlite') || name === 'metadata.sqlite') continue;
    const db = new DatabaseSync(join(dir, name));
    const row = db.prepare('SELECT name FROM conversation WHERE id = 0').get();
    if (row?.name === conversation) return db;
    db.close();
  }
  throw new Error(`the storage of ${conversation} is not where it was expected: ${dir}`);
}
