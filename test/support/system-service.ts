import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, untilFree } from './free-port.ts';

const inRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Which build each part of a service is of; see mixed-service.ts. */
export interface Mix {
  readonly worker: Build;
  readonly users: Build;
  readonly conversations: Build;
}
export type Build = 'today' | 'previous';

export interface StartOptions {
  readonly data: string;
  /** A free one, unless it is given. */
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Left out: what `npm run serve` runs. */
  readonly mix?: Mix;
}

/** How a process ended: one of the two is null. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The service as a process of its own, so that a signal hits it and not the test. */
export class ServiceProcess {
  readonly url: string;
  /** Of a mix: the address of each part's Worker, whose `/v1/health` tells of which release it is. */
  readonly parts: readonly string[];
  readonly #child: ChildProcess;
  readonly #exit: Promise<Exit>;

  private constructor(child: ChildProcess, exit: Promise<Exit>, url: string, parts: readonly string[]) {
    this.#child = child;
    this.#exit = exit;
    this.url = url;
    this.parts = parts;
  }

  /** Resolves when it answers; rejects with what it printed when it ended before. */
  static async start({ data, port, env = {}, mix }: StartOptions): Promise<ServiceProcess> {
    const script = inRoot(mix ? 'test/support/mixed-service.ts' : 'scripts/serve.mjs');
    const more = Object.entries(mix ?? {}).flatMap(([part, build]) => [`--${part}`, build]);
    const at = String(port ?? (await freePort()));
    const child = spawn(process.execPath, [script, '--port', at, '--data', data, ...more], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    const exit = once(child, 'close').then(([code, signal]) => ({ code, signal }) as Exit);
    return new Promise((resolve, reject) => {
      let output = '';
      // Read to the end, also when nobody wants it any more: a full pipe would stop the service.
      const read = (chunk: Buffer): void => {
        output = (output + chunk.toString()).slice(-20_000);
        const url = /^ready (\S+)$/m.exec(output)?.[1];
        const parts = /^parts (.+)$/m.exec(output)?.[1]?.split(' ') ?? [];
        if (url !== undefined) resolve(new ServiceProcess(child, exit, url, parts));
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.once('error', reject);
      exit.then(({ code }) => reject(new Error(`the service ended with ${code}:\n${output}`)), reject);
    });
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Ends it without a word. Resolves when another one can take its place. */
  async kill(): Promise<Exit> {
    this.#child.kill('SIGKILL');
    const exit = await this.#exit;
    await untilFree(this.port);
    return exit;
  }

  /** Asks it to end. Doing so again only waits. */
  end(signal: 'SIGTERM' | 'SIGINT' = 'SIGTERM'): Promise<Exit> {
    this.#child.kill(signal);
    return this.#exit;
  }
}

/** A folder that is gone when the test is over. */
export function temporaryFolder(): { readonly path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), 'parley-system-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}
