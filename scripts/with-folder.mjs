// A service whose state is gone when it has ended, unless it was given a folder.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * @typedef {object} Running
 * @property {string} url
 * @property {() => Promise<void>} close
 */
/**
 * @typedef {object} Options
 * @property {number} port
 * @property {string | undefined} data
 * @property {Readonly<Record<string, string>>} variables
 */

/** @param {Options} options @param {(options: Options & { data: string }) => Promise<Running>} run @returns {Promise<Running>} */
export async function withFolder(options, run) {
  const data = options.data ?? (await mkdtemp(join(tmpdir(), 'parley-')));
  const remove = async () => {
    if (options.data === undefined) await rm(data, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const { url, close } = await run({ ...options, data });
    /** @type {Promise<void> | undefined} */
    let closing;
    return {
      url,
      close() {
        closing ??= close().finally(remove);
        return closing;
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
