const HOUR_MS = 3_600_000;

/** The last moment a date can name: nobody lives to see it. */
export const FOREVER = 8_640_000_000_000_000;

export const MUTE_CHOICES = ['hours', 'week', 'always'] as const;
export type MuteChoice = (typeof MUTE_CHOICES)[number];

/** When a conversation muted now is heard again. */
export function mutedUntil(choice: MuteChoice, now: number): number {
  switch (choice) {
    case 'hours':
      return now + 8 * HOUR_MS;
    case 'week':
      return now + 7 * 24 * HOUR_MS;
    case 'always':
      return FOREVER;
  }
}
