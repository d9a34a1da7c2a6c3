import type { Key } from '../../strings/message.ts';
import type { IconName } from '../../ui/icon.tsx';

interface Entry {
  readonly icon: IconName;
  readonly title: Extract<Key, `settings.${string}`>;
  readonly text: Extract<Key, `settings.${string}`>;
}

/** The pages under /settings/, in their order. */
export const PAGES = {
  profile: { icon: 'person', title: 'settings.profile', text: 'settings.profileText' },
  appearance: { icon: 'sun', title: 'settings.appearance', text: 'settings.appearanceText' },
  privacy: { icon: 'eye', title: 'settings.privacy', text: 'settings.privacyText' },
  devices: { icon: 'devices', title: 'settings.devices', text: 'settings.devicesText' },
} as const satisfies Readonly<Record<string, Entry>>;

export type SettingsPageName = keyof typeof PAGES;

export const isSettingsPage = (name: string): name is SettingsPageName => Object.hasOwn(PAGES, name);

export const PAGE_NAMES: readonly SettingsPageName[] = Object.keys(PAGES).filter(isSettingsPage);
