// Types of `env` and `exports` from 'cloudflare:workers' in tests.
declare namespace Cloudflare {
  interface Env extends WorkerEnv {
    TEST_MIGRATIONS: import('cloudflare:test').D1Migration[];
    CONVERSATIONS: DurableObjectNamespace;
  }
  interface GlobalProps {
    mainModule: typeof import('../../worker/index.ts');
  }
}

type WorkerEnv = import('../../worker/env.ts').Env;
