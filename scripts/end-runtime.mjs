// workerd goes on when the process that started it is killed: it keeps the port and the files. So a shell waits on a
// pipe from us beside every workerd; when the pipe closes without a word, we are gone and it kills that workerd.
import { spawn } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';

const watch = 'read -r word || kill -9 "$1" 2>/dev/null';

/** Watches every workerd started from now on, until the function it returns is called. */
export function endRuntimeWithThisProcess() {
  if (process.platform === 'win32') return () => {};
  /** @param {unknown} message */
  const onSpawn = (message) => {
    const { process: child } = /** @type {{ process: import('node:child_process').ChildProcess }} */ (
      message
    );
    child.once('spawn', () => {
      if (/workerd[^/]*$/.test(child.spawnfile)) guard(child);
    });
  };
  subscribe('child_process', onSpawn);
  return () => unsubscribe('child_process', onSpawn);
}

/** @param {import('node:child_process').ChildProcess} runtime */
function guard(runtime) {
  // Detached: what kills our whole process group must not kill the guard with us.
  const guard = spawn('/bin/sh', ['-c', watch, 'sh', String(runtime.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.stdin.on('error', () => {});
  guard.unref();
  runtime.once('exit', () => guard.stdin.end('done\n'));
}
