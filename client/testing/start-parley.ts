export interface StartOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** A folder for all state, which stays. Default: a temporary one, which `close()` removes. */
  readonly data?: string;
  /** Settings of the Worker (docs/operations.md), such as `PARLEY_LIMITS`. By default log-ins are not limited. */
  readonly variables?: Readonly<Record<string, string>>;
}

export interface RunningParley {
  /** For `createClient({ url })`. */
  readonly url: string;
  /** Ends it. Doing so again only waits. */
  close(): Promise<void>;
}

/** An address logs in 30 times a minute at most, and every user of a test has the same. */
const TEST_LIMITS = '{"authRate":100000}';

/**
 * The real service, in workerd on this machine. For Node 22 or later, with the package `miniflare` installed. It ends
 * with this process, whatever becomes of it.
 */
export async function startParley(options: StartOptions = {}): Promise<RunningParley> {
  const { port = 0, data, variables } = options;
  // Left alone by bundlers, so that the server in memory can be bundled for browsers.
  // biome-ignore lint/correctness/useImportExtensions: it is JavaScript, with a declaration beside it
  const { startService } = await import(/* @vite-ignore */ /* webpackIgnore: true */ './service.mjs');
  return startService({ port, data, variables: { PARLEY_LIMITS: TEST_LIMITS, ...variables } });
}
