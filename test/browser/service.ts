import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePort, untilFree } from '../support/free-port.ts';

const script = fileURLToPath(new URL('../../scripts/serve.mjs', import.meta.url));

/** The real service as a process of its own, with its state in a temporary folder. */
export class Service {
  readonly #data: string;
  readonly #env: Record<string, string>;
  #child: ChildProcess | undefined;
  #port: number | undefined;
  #url = '';

  private constructor(data: string, env: Record<string, string>) {
    this.#data = data;
    this.#env = env;
  }

  static async start(env: Record<string, string> = {}): Promise<Service> {
    const service = new Service(await mkdtemp(join(tmpdir(), 'parley-browser-')), env);
    await service.up();
    return service;
  }

  /** The folder of its state. */
  get data(): string {
    return this.#data;
  }

  get url(): string {
    return this.#url;
  }

  /** Starts it; again at the same address once it had one. */
  async up(): Promise<void> {
    const port = this.#port ?? (await freePort());
    this.#port = port;
    await untilFree(port);
    const child = spawn(process.execPath, [script, '--port', String(port), '--data', this.#data], {
      stdio: ['ignore', 'pipe', 'inherit'],
      // What it builds, if it has to, is what people get; the test runner would have it otherwise.
      env: { ...process.env, NODE_ENV: 'production', ...this.#env },
    });
    this.#child = child;
    for await (const line of createInterface({ input: child.stdout })) {
      const url = /^ready (\S+)$/.exec(line)?.[1];
      if (url === undefined) continue;
      this.#url = url;
      // Whatever it still prints must not fill the pipe.
      child.stdout.resume();
      return;
    }
    throw new Error(`the service ended with ${child.exitCode} before it was ready`);
  }

  /** Ends it; with SIGKILL without a word. */
  async down(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  async stop(): Promise<void> {
    await this.down();
    await rm(this.#data, { recursive: true, force: true });
  }
}
