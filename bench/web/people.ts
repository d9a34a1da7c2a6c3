import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Session } from '../../schema/protocol/http-auth.ts';
import { contentHash } from '../../scripts/content-hash.mjs';
import { inRoot } from '../../scripts/paths.mjs';
import { fill } from '../history/fill.ts';
import { Device } from '../load/device.ts';
import { inParallel } from '../support/parallel.ts';
import { converse, type Service, signIn, startService } from '../support/service.ts';
import { type LineOf, longTalk } from './talk.ts';

const FRIENDS = 20;
/** Who looks at it all, by name. */
export const READER = 'reader';

export interface Talks {
  /** Two people alone, with a message. */
  readonly short: string;
  /** One of `messages` messages. */
  readonly long: string;
  /** When the last of them was said. */
  readonly now: number;
}

export interface Talked extends Talks {
  readonly lineOf: LineOf;
}

/**
 * A reader with many conversations and a long one, as the state of a service in `data`. Making it takes longer than all
 * that is measured, so it is kept in dist/ for as long as what made it is the same.
 */
export async function prepare(data: string, conversations: number, messages: number): Promise<Talked> {
  const hash = contentHash([
    'bench/web/people.ts',
    'bench/web/talk.ts',
    'bench/history',
    'objects',
    'worker',
    'schema',
  ]);
  const all = inRoot('dist', 'bench-web');
  const kept = join(all, `${conversations}-${messages}-${hash.slice(0, 16)}`);
  if (!existsSync(kept)) {
    const making = `${kept}.${process.pid}`;
    rmSync(all, { recursive: true, force: true });
    mkdirSync(making, { recursive: true });
    const talks = await make(join(making, 'data'), conversations, messages);
    await writeFile(join(making, 'talks.json'), JSON.stringify(talks));
    renameSync(making, kept);
  }
  cpSync(join(kept, 'data'), data, { recursive: true });
  const talks: Talks = JSON.parse(await readFile(join(kept, 'talks.json'), 'utf8'));
  return { ...talks, lineOf: longTalk(messages, talks.now) };
}

async function make(data: string, conversations: number, messages: number): Promise<Talks> {
  const service = await startService(data);
  const talks = { ...(await begin(service, conversations)), now: Date.now() };
  await service.close();
  fill(data, talks.long, messages, longTalk(messages, talks.now));
  return talks;
}

/** Conversations of the reader with friends, most of them groups, and a message in all but the first. */
async function begin(
  service: Awaited<ReturnType<typeof startService>>,
  count: number,
): Promise<Pick<Talks, 'short' | 'long'>> {
  const { url }: Service = service;
  const names = Array.from({ length: FRIENDS }, (_, i) => `friend ${i}`);
  const [reader, ...friends] = await signIn(service, [READER, ...names]);
  if (!reader) throw new Error('nobody reads');
  const conversations = await inParallel(8, Array.from({ length: count }), (_, i) => {
    const friend = friends[i % FRIENDS] as Session;
    return i < FRIENDS
      ? converse(url, 'direct', [friend, reader])
      : converse(url, 'group', [friend, reader], `Group number ${i}`);
  });
  await inParallel(8, friends, async (friend, f) => {
    const device = await Device.connect(url, friend);
    for (const [i, id] of conversations.entries())
      if (i % FRIENDS === f && i > 0) await new Promise<void>((acked) => device.send(id, 1, acked));
    device.close();
    if (device.violations.length > 0) throw new Error(device.violations[0]);
  });
  const [long = '', short = ''] = conversations;
  return { short, long };
}
