/** What Cloudflare asks for on the paid plan, in dollars, beyond what is included (2026). */
export const PRICES = {
  /** A row written: each index entry, each deleted row and each `setAlarm` is one too. */
  row: 1 / 1e6,
  /** A request to an object: a call, an upgrade to a socket, an alarm. */
  call: 0.15 / 1e6,
  /** A message that arrives by a socket: twenty count as one request. Those that leave are free. */
  frame: 0.15 / 1e6 / 20,
  /** A second in which an object is in memory and can't hibernate: 128 MB at $12.50 a million GB-s. */
  activeSecond: (12.5 / 1e6) * 0.128,
} as const;
