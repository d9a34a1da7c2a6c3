import { build } from 'esbuild';
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare';
import { endRuntimeWithThisProcess } from '../../scripts/end-runtime.mjs';
import { inRoot } from '../../scripts/paths.mjs';

export interface Runtime {
  readonly url: string;
  close(): Promise<void>;
}

/** One Worker of TypeScript as workerd takes it; what the runtime itself provides stays an import. */
async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2023',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['workerd', 'worker', 'import'],
    external: ['cloudflare:*', 'node:*'],
  });
  return outputFiles[0]?.text ?? '';
}

/** Runs one Worker of a measurement in a workerd of its own, with its objects' storage on disk in `data`. */
export async function startRuntime(
  entry: string,
  data: string,
  objects: Readonly<Record<string, string>>,
): Promise<Runtime> {
  const forget = endRuntimeWithThisProcess();
  const contents = await bundle(inRoot(entry));
  const runtime = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      port: 0,
      resourcePersistencePath: data,
      cf: false,
      logRequests: false,
      log: new Log(LogLevel.WARN),
      telemetry: { enabled: false },
      workers: [
        {
          name: 'bench',
          compatibilityDate: '2026-11-01',
          compatibilityFlags: ['nodejs_compat'],
          rootPath: inRoot(),
          modulesRoot: inRoot(),
          modules: [{ type: 'ESModule', path: inRoot('worker.js'), contents }],
          durableObjects: Object.fromEntries(
            Object.entries(objects).map(([binding, className]) => [binding, { className, useSQLite: true }]),
          ),
          // Without Miniflare's own entry Worker in front, as the service is served.
          unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
          unsafeEphemeralDurableObjects: false,
        },
      ],
    }),
  );
  await runtime.ready;
  const url = (await runtime.unsafeGetDirectURL('bench')).origin;
  return {
    url,
    close: async () => {
      await runtime.dispose();
      forget();
    },
  };
}
