import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Where workerd keeps the storage of our ConversationObjects under a data folder. */
const OBJECTS = join('do', 'parley-ConversationObject');

/**
 * Writes messages 1 to `count` into a conversation's storage while nobody runs it, because a million sends would take an
 * hour. Both members of the conversation are the authors in turn; the second has read everything, the first nothing.
 */
export function fill(data: string, conversation: string, count: number): void {
  const db = open(data, conversation);
  try {
    db.exec('PRAGMA synchronous = OFF');
    const insert = db.prepare(
      'INSERT INTO entry (seq, sender, client_id, type, at, ordinal, hidden, body, state) VALUES (?, ?, ?, 0, ?, ?, NULL, ?, NULL)',
    );
    const begin = Date.now() - count * 1000;
    db.exec('BEGIN');
    for (let seq = 1; seq <= count; seq++)
      insert.run(seq, seq % 2, `h${seq}`, begin + seq * 1000, seq, bodyOf(seq));
    db.prepare('UPDATE progress SET settled = ?, marks = ?').run(count, JSON.stringify([0, 0, count, count]));
    db.exec('COMMIT');
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } finally {
    db.close();
  }
}

export const textOf = (seq: number): string =>
  `${seq} so it goes, and so on: about as long as what people say in a chat`;

const bodyOf = (seq: number): string => `"content":${JSON.stringify({ kind: 'text', text: textOf(seq) })}`;

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
