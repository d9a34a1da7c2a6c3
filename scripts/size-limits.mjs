// The most that may be sent to a browser, in kB (1,000 bytes) of minified JavaScript after gzip.
export const LIMITS_KB = {
  /** `createClient` of `parley/client`, with everything it loads at once. */
  client: 15,
  /** `parley/react` beyond `parley/client` and React itself. */
  react: 3,
  /** What the web app loads before it shows anything. */
  web: 150,
};
