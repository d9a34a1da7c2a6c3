// Where things are, seen from the scripts.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** @param {...string} parts */
export const inRoot = (...parts) => join(root, ...parts);

/** The JavaScript file behind wrangler's command, to be run with this very Node. */
export const wranglerCli = inRoot('node_modules', 'wrangler', 'bin', 'wrangler.js');

/** Keeps wrangler from asking, reporting and looking for updates. */
export const quietWrangler = {
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_NO_SKILLS_UPDATE_PROMPTS: 'true',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
};
