/** Defaults of `PARLEY_LIMITS`; what each means stands in docs/operations.md. */
export const DEFAULT_LIMITS = {
  /** UTF-8 bytes of one text. */
  textBytes: 16_384,
  /** Bytes of one frame or request body. */
  frameBytes: 65_536,
  groupMembers: 1024,
  channelMembers: 100_000,
  /** Entries a page of history may have. */
  page: 100,
  /** Sends a second per device, and how many at once. */
  sendRate: 20,
  sendBurst: 60,
  /** Frames of any kind a second per device, and how many at once. */
  frameRate: 100,
  frameBurst: 300,
  /** Log-in attempts a minute per address. */
  authRate: 30,
  /** Devices per user. */
  devices: 10,
  /** Messages per conversation a resume sends when the client doesn't say. */
  resumeMessages: 100,
} as const satisfies Record<string, number>;

export type Limits = { readonly [K in keyof typeof DEFAULT_LIMITS]: number };

/** Most messages per conversation a `hello` may ask for. */
export const MAX_RESUME = 500;

/** Most entries one `pull` may ask for and one `batch` or page may hold. */
export const MAX_PAGE = 500;

/** Counted in whole things; the others are rates. */
const WHOLE: ReadonlySet<string> = new Set([
  'textBytes',
  'frameBytes',
  'groupMembers',
  'channelMembers',
  'page',
  'devices',
  'resumeMessages',
]);
const MOST: { readonly [key: string]: number } = { page: MAX_PAGE, resumeMessages: MAX_RESUME };

/**
 * Reads the setting `PARLEY_LIMITS`, a JSON object over the defaults.
 * @throws Error naming the key, so that a wrong setting fails the deployment and not a user.
 */
export function parseLimits(json: string | undefined): Limits {
  if (!json) return DEFAULT_LIMITS;
  const limits: Record<string, number> = { ...DEFAULT_LIMITS };
  for (const [key, value] of Object.entries(settingObject(json))) {
    if (!Object.hasOwn(DEFAULT_LIMITS, key)) throw new Error(`PARLEY_LIMITS: unknown key ${key}`);
    if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0)
      throw new Error(`PARLEY_LIMITS: ${key} must be a positive number`);
    if (WHOLE.has(key) && !Number.isSafeInteger(value))
      throw new Error(`PARLEY_LIMITS: ${key} must be a whole number`);
    if (value > (MOST[key] ?? value)) throw new Error(`PARLEY_LIMITS: ${key} must be at most ${MOST[key]}`);
    limits[key] = value;
  }
  return limits as Limits;
}

function settingObject(json: string): object {
  let given: unknown;
  try {
    given = JSON.parse(json);
  } catch {
    throw new Error('PARLEY_LIMITS is not valid JSON');
  }
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return given;
  throw new Error('PARLEY_LIMITS must be a JSON object');
}
