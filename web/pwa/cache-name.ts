/** Caches of the app's own files begin with this; they hold nothing of a person. */
export const SHELL_CACHE = 'parley-shell-';
