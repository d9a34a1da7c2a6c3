import { createHeadless, type Headless, type ResumeState } from '../../client/headless.ts';
import { type Account, createAccount, ParleyError } from '../../client/index.ts';
import type { Issuer } from '../support/issuer.ts';
import { sleep } from '../support/parallel.ts';
import { type Cutting, cuttingTransport } from './cutting-transport.ts';
import type { Watcher } from './watcher.ts';

/** Entries a device keeps: all of a day, since it is compared at the end. */
const KEEP = 100_000;
const SIGN_IN_TRIES = 20;
/** People here don't wait between their lines, so their devices come back ten times sooner than others would. */
const HASTE = 0.1;

/** One device: its session, what it remembers from one run of its client to the next, and that client. */
export class Device {
  readonly url: string;
  readonly account: Account;
  readonly #cutting: Cutting;
  #resume: ResumeState | undefined;
  #client: Headless | undefined;

  constructor(url: string, account: Account, cutting: Cutting) {
    this.url = url;
    this.account = account;
    this.#cutting = cutting;
  }

  get client(): Headless {
    if (!this.#client) throw new Error('this device is away');
    return this.#client;
  }

  /** Starts a program on the device that knows what the last one wrote down. */
  async come(watcher: Watcher): Promise<Headless> {
    const client = createHeadless({
      url: this.url,
      getToken: this.account.getToken,
      transport: cuttingTransport(this.#cutting),
      keep: KEEP,
      random: () => Math.random() * HASTE,
      ...(this.#resume === undefined ? {} : { resume: this.#resume }),
    });
    this.#client = client;
    watcher.watch(client);
    client.start();
    await client.online();
    return client;
  }

  go(): void {
    if (!this.#client) return;
    this.#resume = this.#client.resume;
    this.#client.close();
    this.#client = undefined;
  }
}

export interface Person {
  readonly name: string;
  readonly id: string;
  readonly devices: readonly Device[];
}

/** Signs somebody in on `devices` devices: by the embedding product where there is one, else by password. */
export async function join(
  url: string,
  issuer: Issuer | undefined,
  who: { readonly name: string; readonly handle: string },
  devices: number,
  cutting: Cutting,
): Promise<Person> {
  const password = `${who.handle} ${Math.random()}`;
  const accounts: Account[] = [];
  for (let i = 0; i < devices; i++) {
    const account = createAccount({ url });
    const deviceName = `device ${i + 1}`;
    await patiently(async () => {
      if (issuer) return account.exchange(await issuer.token(who.name, who.handle), deviceName);
      if (i === 0) return account.register({ ...who, name: who.name.slice(0, 64), password, deviceName });
      return account.login({ handle: who.handle, password, deviceName });
    });
    accounts.push(account);
  }
  const id = accounts[0]?.session?.user.id;
  if (id === undefined) throw new Error(`${who.name} could not be signed in`);
  return { name: who.name, id, devices: accounts.map((account) => new Device(url, account, cutting)) };
}

/** Waits where the service says so: it takes so many log-ins a minute and no more. */
async function patiently<T>(attempt: () => Promise<T>): Promise<T> {
  for (let i = 1; ; i++) {
    try {
      return await attempt();
    } catch (error) {
      const wait = error instanceof ParleyError ? error.retryAfter : undefined;
      if (wait === undefined || i === SIGN_IN_TRIES) throw error;
      await sleep(wait * 1000 + 50);
    }
  }
}
