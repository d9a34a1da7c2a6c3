import type { Session } from '../../schema/protocol/http-auth.ts';
import { median } from '../support/numbers.ts';
import { seeded } from '../support/random.ts';
import { print, type RunOptions } from '../support/report.ts';
import { api, converse, signIn, startService, temporaryFolder } from '../support/service.ts';
import { fill, textOf } from './fill.ts';

/** A page of history takes as long in a conversation of a million messages as in one of a thousand. */
const SIZES = [1_000, 100_000, 1_000_000];
const PAGE = 100;
const ROUNDS = 60;
/** What noise may do to a ratio of medians. */
const MOST_GROWTH = 1.5;

interface Kind {
  readonly name: string;
  /** Path and query below the conversation; `at`: a place in its log. */
  readonly path: (at: number) => string;
  /** First and last `seq` of the page; undefined where there is none. */
  readonly page?: (at: number, size: number) => readonly [number, number];
}

const KINDS: readonly Kind[] = (['messages', 'log'] as const)
  .flatMap((view): Kind[] => [
    {
      name: `${view}, newest`,
      path: () => `/${view}?limit=${PAGE}`,
      page: (_, size) => [size - PAGE + 1, size],
    },
    {
      name: `${view}, before`,
      path: (at) => `/${view}?before=${at}&limit=${PAGE}`,
      page: (at) => [at - PAGE, at - 1],
    },
    {
      name: `${view}, after`,
      path: (at) => `/${view}?after=${at}&limit=${PAGE}`,
      page: (at) => [at + 1, at + PAGE],
    },
  ])
  .concat(
    {
      name: 'messages, around',
      path: (at) => `/messages?around=${at}&limit=${PAGE}`,
      page: (at) => [at - PAGE / 2, at + PAGE / 2 - 1],
    },
    // The caller has read nothing, so what is unread has to be counted.
    { name: 'summary with unread', path: () => '' },
  );

interface Conversation {
  readonly size: number;
  readonly id: string;
}

export async function run(options: RunOptions): Promise<void> {
  const folder = temporaryFolder();
  try {
    const { reader, conversations } = await prepare(folder.path);
    const service = await startService(folder.path);
    try {
      report(await measure(service.url, reader, conversations), options);
    } finally {
      await service.close();
    }
  } finally {
    folder.remove();
  }
}

async function prepare(data: string): Promise<{ reader: Session; conversations: Conversation[] }> {
  const service = await startService(data);
  const conversations: Conversation[] = [];
  const [reader, ...others] = await signIn(service, ['reader', ...SIZES.map((size) => `writer of ${size}`)]);
  if (!reader) throw new Error('nobody reads');
  for (const [i, size] of SIZES.entries())
    conversations.push({ size, id: await converse(service.url, 'direct', [reader, others[i] as Session]) });
  await service.close();
  for (const { id, size } of conversations) fill(data, id, size);
  return { reader, conversations };
}

interface Measured {
  /** Milliseconds, by kind and size. */
  readonly times: ReadonlyMap<string, ReadonlyMap<number, number[]>>;
  /** The very first page of each size, with the object still to be started. */
  readonly first: ReadonlyMap<number, number>;
  readonly violations: string[];
}

async function measure(
  url: string,
  reader: Session,
  conversations: readonly Conversation[],
): Promise<Measured> {
  const times = new Map(
    KINDS.map(({ name }) => [name, new Map(SIZES.map((size) => [size, [] as number[]]))]),
  );
  const first = new Map<number, number>();
  const violations: string[] = [];
  const random = seeded(1);
  // The connection, the Worker and the reader's own object are no part of the first page.
  await api(url, 'GET', '/users/me', undefined, reader.accessToken);
  for (let round = 0; round < ROUNDS; round++)
    // Sizes in turn, so that a slow moment of the machine meets all of them.
    for (const kind of KINDS)
      for (const { id, size } of conversations) {
        const at = PAGE + 1 + Math.floor(random() * (size - 2 * PAGE));
        const begin = performance.now();
        const body = await api<Body>(
          url,
          'GET',
          `/conversations/${id}${kind.path(at)}`,
          undefined,
          reader.accessToken,
        );
        const ms = performance.now() - begin;
        if (first.has(size)) times.get(kind.name)?.get(size)?.push(ms);
        else first.set(size, ms);
        const wrong = problemOf(kind, at, size, body);
        if (wrong) violations.push(`${kind.name} of ${size} at ${at}: ${wrong}`);
      }
  return { times, first, violations };
}

interface Body {
  readonly messages?: readonly Item[];
  readonly entries?: readonly Item[];
  readonly head: number;
}
interface Item {
  readonly seq: number;
  readonly content: { readonly text: string };
}

function problemOf({ page }: Kind, at: number, size: number, body: Body): string | undefined {
  if (body.head !== size) return `head is ${body.head}`;
  if (!page) return undefined;
  const [from, to] = page(at, size);
  const items = body.messages ?? body.entries ?? [];
  if (items.length !== to - from + 1) return `${items.length} entries`;
  const wrong = items.findIndex((item, i) => item.seq !== from + i || item.content.text !== textOf(item.seq));
  return wrong < 0 ? undefined : `entry ${wrong} is ${JSON.stringify(items[wrong])}`;
}

function report({ times, first, violations }: Measured, options: RunOptions): void {
  const [small = 0, ...larger] = SIZES;
  const results = [...times].map(([name, bySize]) => {
    const medians = SIZES.map((size) => median(bySize.get(size) ?? []));
    return { name, medians, growth: (medians.at(-1) ?? Number.NaN) / (medians[0] ?? Number.NaN) };
  });
  const label = (size: number): string => size.toLocaleString('en');
  print(
    {
      title: `A page of ${PAGE} in conversations of ${SIZES.map(label).join(', ')} messages`,
      sections: [
        {
          title: `Median of ${ROUNDS} over HTTP, in ms`,
          head: ['', ...SIZES.map(label), `${label(larger.at(-1) ?? 0)} ÷ ${label(small)}`],
          rows: results.map(({ name, medians, growth }) => [name, ...medians, growth]),
        },
        {
          title: 'The first page after a restart, in ms',
          head: ['', ...SIZES.map(label)],
          rows: [['messages, newest', ...SIZES.map((size) => first.get(size) ?? Number.NaN)]],
        },
      ],
      targets: results.map(({ name, growth }) => ({
        name: `${name}: ${label(larger.at(-1) ?? 0)} ÷ ${label(small)}`,
        value: growth,
        most: MOST_GROWTH,
      })),
      violations,
      data: { results, first: Object.fromEntries(first) },
    },
    options,
  );
}
