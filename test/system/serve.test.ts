import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createIssuer } from '../../bench/support/issuer.ts';
import { createHeadless, type Headless } from '../../client/headless.ts';
import { type Account, createAccount } from '../../client/index.ts';
import { wholeLog } from '../support/system-crowd.ts';
import { ServiceProcess, type StartOptions, temporaryFolder } from '../support/system-service.ts';

const password = 'correct horse battery staple';

/** Runs `use` with a service of its own; it has ended when this resolves, whatever happened. */
async function withService<T>(
  options: StartOptions,
  use: (service: ServiceProcess) => Promise<T>,
): Promise<T> {
  const service = await ServiceProcess.start(options);
  try {
    return await use(service);
  } finally {
    await service.end();
  }
}

async function register(url: string, handle: string): Promise<Account> {
  const account = createAccount({ url });
  await account.register({ handle, password });
  return account;
}

const clientOf = (url: string, account: Account, resume?: Headless['resume']): Headless =>
  createHeadless({ url, getToken: account.getToken, ...(resume === undefined ? {} : { resume }) });

const told = async (client: Headless): Promise<number> => {
  const [seq] = await new Promise<[number]>((resolve) => {
    client.on('entry', ({ entry }) => resolve([entry.seq]));
  });
  return seq;
};

test('P1 P4: started again on the same data it goes on: people, sessions, messages, cursors', async () => {
  using folder = temporaryFolder();
  const data = folder.path;
  const before = await withService({ data }, async ({ url }) => {
    const [ada, ben] = [await register(url, 'ada'), await register(url, 'ben')];
    const [one, two] = [clientOf(url, ada), clientOf(url, ben)];
    one.start();
    two.start();
    await Promise.all([one.online(), two.online()]);
    const { id } = await one.createConversation({ kind: 'direct', members: ['@ben'] });
    const arrived = told(two);
    await one.send(id, 'while Ben is there').acked;
    expect(await arrived).toBe(1);
    two.close();
    const { resume } = two;
    await one.send(id, 'while Ben is away').acked;
    one.close();
    return { ada, ben, id, resume };
  });

  await withService({ data }, async ({ url }) => {
    const { ada, ben, id, resume } = before;
    // The access token of before the restart is still good: the key that signed it lies with the data.
    const me = await fetch(`${url}/v1/users/me`, {
      headers: { authorization: `Bearer ${ada.session?.accessToken}` },
    });
    expect(me.status).toBe(200);
    const again = createAccount({ url, stored: { session: ben.session!, localExpiry: 0 } });
    const two = clientOf(url, again, resume);
    const missed = told(two);
    two.start();
    await two.online();
    expect(await missed).toBe(2);
    expect(two.timeline(id).messages.map(({ content }) => content)).toEqual([
      { kind: 'text', text: 'while Ben is away' },
    ]);
    expect(again.session?.refreshToken, 'refreshed').not.toBe(ben.session?.refreshToken);
    expect((await two.send(id, 'numbers go on').acked).seq).toBe(3);
    const log = await wholeLog({ client: two }, id);
    expect(log.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    two.close();
    const login = createAccount({ url });
    expect((await login.login({ handle: 'ada', password })).user).toEqual(ada.session?.user);
  });
});

test.each(['SIGTERM', 'SIGINT'] as const)('P1: %s ends it cleanly and closes its sockets', async (signal) => {
  using folder = temporaryFolder();
  const service = await ServiceProcess.start({ data: folder.path });
  const { accessToken } = await register(service.url, 'ada').then(({ session }) => session!);
  const socket = new WebSocket(`${service.url.replace('http', 'ws')}/v1/ws`, [
    'parley.v1',
    `parley.bearer.${accessToken}`,
  ]);
  await once(socket, 'open');
  const closed = once(socket, 'close');
  expect(await service.end(signal)).toEqual({ code: 0, signal: null });
  await closed;
  await expect(fetch(`${service.url}/v1/health`)).rejects.toThrow();
});

test('P8: PARLEY_ variables reach the Worker', async () => {
  using folder = temporaryFolder();
  const issuer = createIssuer();
  const env = { ...issuer.variables, PARLEY_LIMITS: '{"textBytes":20,"page":7}' };
  await withService({ data: folder.path, env }, async ({ url }) => {
    const account = createAccount({ url });
    await account.exchange(await issuer.token('subject', 'ada'));
    expect(account.session?.user.handle).toBe('ada');
    await register(url, 'ben');
    const client = clientOf(url, account);
    const limits = new Promise<unknown>((resolve) => {
      client.on('frame', (frame) => frame.type === 'welcome' && resolve(frame.limits));
    });
    client.start();
    await client.online();
    expect(await limits).toMatchObject({ textBytes: 20, page: 7, sendRate: 20 });
    const { id } = await client.createConversation({ kind: 'direct', members: ['@ben'] });
    await expect(client.send(id, 'twenty-one characters').acked).rejects.toMatchObject({ code: 'too_large' });
    expect((await client.send(id, 'twenty characters ok').acked).seq).toBe(1);
    client.close();
  });
});

test('P1: the signing key can be given, else each data folder keeps one of its own', async () => {
  using own = temporaryFolder();
  using given = temporaryFolder();
  await withService({ data: own.path }, async () => {});
  const key = join(own.path, 'signing-key');
  expect(statSync(key).mode & 0o077, 'for its owner alone').toBe(0);
  const env = { PARLEY_SIGNING_KEY: Buffer.alloc(32, 7).toString('base64url') };
  await withService({ data: given.path, env }, async () => {});
  expect(existsSync(join(given.path, 'signing-key'))).toBe(false);
});

test.each([
  ['PARLEY_LIMITS', '{"textBytse":5}', 'PARLEY_LIMITS: unknown key textBytse'],
  ['PARLEY_LIMITS', '{"textBytes":-5}', 'PARLEY_LIMITS: textBytes must be a positive number'],
  ['PARLEY_LIMITS', 'many', 'PARLEY_LIMITS is not valid JSON'],
  ['PARLEY_SIGNING_KEY', 'short', 'PARLEY_SIGNING_KEY must be set to at least 32 random bytes'],
  ['PARLEY_EXCHANGE_ISSUER', 'https://product.example', 'must be set together'],
])('P8: a wrong %s (%s) is named and nothing is served', async (name, value, complaint) => {
  using folder = temporaryFolder();
  const started = ServiceProcess.start({ data: folder.path, env: { [name]: value } });
  await started.then(
    (service) => service.end(),
    () => {},
  );
  await expect(started).rejects.toThrow(complaint);
});

/** What is answered to a request whose body stops in the middle. */
async function answerToHalf(port: number): Promise<string> {
  const line = connect(port, '127.0.0.1');
  line.write('POST /v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-length: 60\r\n\r\n{"handle":');
  let answer = '';
  line.on('data', (chunk: Buffer) => {
    answer += chunk.toString();
  });
  while (!answer.includes('}')) await once(line, 'data');
  line.destroy();
  return answer;
}

test('P9: on a first start health says ok when somebody can register, and not before', async () => {
  using folder = temporaryFolder();
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  other.close();
  await once(other, 'close');
  const url = `http://127.0.0.1:${port}`;
  const started = ServiceProcess.start({ data: folder.path, port });
  const body = JSON.stringify({ handle: 'ada', password });
  const headers = { 'content-type': 'application/json' };
  const ok = async (): Promise<boolean> => {
    const answer = await fetch(`${url}/v1/health`).catch(() => undefined);
    if (answer && !answer.ok) expect(await answer.json()).toMatchObject({ status: 503, code: 'unavailable' });
    return answer?.ok ?? false;
  };
  try {
    while (!(await ok()));
    const registered = await fetch(`${url}/v1/auth/register`, { method: 'POST', headers, body });
    expect([registered.status, await registered.text()]).toEqual([201, expect.stringContaining('ada')]);
    const deep = await fetch(`${url}/v1/health?deep=1`);
    expect(await deep.json()).toMatchObject({ ok: true, parts: ['database', 'objects'] });
  } finally {
    await started.then((service) => service.end());
  }
});

test('P8: a port in use is named', async () => {
  using folder = temporaryFolder();
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  const started = ServiceProcess.start({ data: folder.path, port });
  await started.then(
    (service) => service.end(),
    () => {},
  );
  other.close();
  await expect(started).rejects.toThrow(new RegExp(`${port} is in use`));
});

test('P8 P9: health is answered without a token, the page and the contract are served beside it, a body that stops is not waited for', async () => {
  using folder = temporaryFolder();
  await withService({ data: folder.path }, async ({ url, port }) => {
    const half = answerToHalf(port);
    const health = await fetch(`${url}/v1/health`);
    expect([health.status, await health.json()]).toEqual([
      200,
      { ok: true, version: expect.stringMatching(/^\d/) },
    ]);
    const page = await fetch(url);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await page.text()).toContain('<title>');
    for (const name of ['openapi.json', 'asyncapi.json'])
      expect(await (await fetch(`${url}/${name}`)).json()).toHaveProperty('info.title');
    // 10 s later, and with no end of the body in sight.
    expect(await half).toMatch(/^HTTP\/1.1 408 [\s\S]*"code":"too_slow"/);
  });
});
