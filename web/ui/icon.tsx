import type { ReactElement } from 'react';
import css from './icon.module.css';

/** Strokes on a square of 24. */
const PATHS = {
  alert:
    'M12 8v5m0 3.5v.01M10.6 4.4 2.9 17.6A1.6 1.6 0 0 0 4.3 20h15.4a1.6 1.6 0 0 0 1.4-2.4L13.4 4.4a1.6 1.6 0 0 0-2.8 0Z',
  archive: 'M4 5h16v4H4V5Zm1.5 4v9A1.5 1.5 0 0 0 7 19.5h10a1.5 1.5 0 0 0 1.5-1.5V9M10 13h4',
  back: 'M19 12H5m6-6-6 6 6 6',
  bell: 'M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15L6 16.5ZM10 21h4',
  'bell-off': 'M6 16.5V11c0-1 .2-1.9.6-2.7M9 5.8A6 6 0 0 1 18 11v3m-1 4H4.5L6 16.5M10 21h4M4 4l16 16',
  block: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM5.7 5.7l12.6 12.6',
  chats: 'M14 4H6a3 3 0 0 0-3 3v9l3-2h8a3 3 0 0 0 3-3V7a3 3 0 0 0-3-3Zm6.2 5.2A3 3 0 0 1 21 11v9l-3-2h-7',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  checks: 'm2 12.5 4.5 4.5L15 8m-3.5 8 1 1L21.5 8',
  chevron: 'm9 5 7 7-7 7',
  clock: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16Zm0 4v4.5l3 1.8',
  close: 'm6 6 12 12M18 6 6 18',
  copy: 'M9 8.5A1.5 1.5 0 0 1 10.5 7h8A1.5 1.5 0 0 1 20 8.5v10a1.5 1.5 0 0 1-1.5 1.5h-8A1.5 1.5 0 0 1 9 18.5ZM15 7V5.5A1.5 1.5 0 0 0 13.5 4h-8A1.5 1.5 0 0 0 4 5.5v10A1.5 1.5 0 0 0 5.5 17H9',
  devices:
    'M3 6.5A1.5 1.5 0 0 1 4.5 5h12A1.5 1.5 0 0 1 18 6.5V8M3 6.5V15h9M2 18h10m4-7h4a1.5 1.5 0 0 1 1.5 1.5v6A1.5 1.5 0 0 1 20 20h-4a1.5 1.5 0 0 1-1.5-1.5v-6A1.5 1.5 0 0 1 16 11Z',
  dot: 'M12 8.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7Z',
  down: 'M12 5v14m-6-6 6 6 6-6',
  eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12ZM12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5Z',
  globe:
    'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Zm-9 9h18M12 3c2.5 2.5 3.5 5.5 3.5 9s-1 6.5-3.5 9c-2.5-2.5-3.5-5.5-3.5-9S9.5 5.5 12 3Z',
  group:
    'M9 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7ZM2.5 19.5c.4-3.2 3-5 6.5-5s6.1 1.8 6.5 5M15.5 5.3a3.5 3.5 0 0 1 0 6.4m2 3.3c2.3.7 3.7 2.2 4 4.5',
  info: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Zm0 8v5.500m0-8.500v.01',
  leave: 'M14 4h4a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2h-4M4 12h11m-4-4 4 4-4 4',
  more: 'm6 9 6 6 6-6',
  pencil: 'M4 20l1-4.500L16 4.500a1.8 1.8 0 0 1 2.5 0l1 1a1.8 1.8 0 0 1 0 2.500L8.5 19 4 20Zm10-13.5 3.5 3.5',
  person: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM4.5 20c.6-3.6 3.6-5.5 7.5-5.5s6.9 1.9 7.5 5.5',
  'person-add':
    'M10 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM2.5 20c.6-3.6 3.6-5.5 7.5-5.5 2 0 3.8.5 5.1 1.5M19 14v6m-3-3h6',
  'person-remove':
    'M10 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM2.5 20c.6-3.6 3.6-5.5 7.5-5.5 2 0 3.8.5 5.1 1.5M16 17h6',
  pin: 'M9 3.5h6l-.7 6.5 3.2 3.5h-11L9.7 10 9 3.5ZM12 13.5v7',
  'pin-off': 'M9 3.5h6l-.7 6.5 3.2 3.5H13M9.5 8.5l.2 1.5-3.2 3.5H12v7M4 4l16 16',
  plus: 'M12 5v14M5 12h14',
  reply: 'M10 6 4 12l6 6m-6-6h10a6 6 0 0 1 6 6v1',
  search: 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Zm4.8 11.3L20 20',
  send: 'M4 12 3.5 4.5 21 12 3.5 19.5 4 12Zm0 0h8',
  settings:
    'M4 7h9m5 0h2M4 17h2m5 0h9M15.5 4.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5Zm-7 10a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5Z',
  shield: 'M12 3.5 5 6v5.5c0 4.2 2.8 7.6 7 9 4.2-1.4 7-4.8 7-9V6l-7-2.5Z',
  smile: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Zm-3.5 11a4 4 0 0 0 7 0M9 9.500v.01m6-.01v.01',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8Zm0-6v2m0 16v2M4.9 4.9l1.4 1.4m11.4 11.4 1.4 1.4M2 12h2m16 0h2M4.9 19.1l1.4-1.4M17.7 6.3l1.4-1.4',
  trash: 'M4 7h16m-10 4v6m4-6v6M6 7l1 12a1.5 1.5 0 0 0 1.5 1.400h7A1.5 1.5 0 0 0 17 19l1-12M9 7V4.500h6V7',
  unarchive:
    'M4 5h16v4H4V5Zm1.5 4v9A1.5 1.5 0 0 0 7 19.5h10a1.5 1.5 0 0 0 1.5-1.5V9M12 17v-5m-2.5 2.5L12 12l2.5 2.5',
} as const;

export type IconName = keyof typeof PATHS;

/** Those that point along the line of reading turn over with it. */
const DIRECTED: ReadonlySet<IconName> = new Set(['back', 'chevron', 'leave', 'reply', 'send']);

/** A small drawing in the colour of the text. Says nothing by itself: what it stands for is said by its neighbour. */
export function Icon({ name, size = 20 }: { readonly name: IconName; readonly size?: number }): ReactElement {
  const rem = `${size / 16}rem`;
  return (
    <svg
      className={DIRECTED.has(name) ? `${css.icon} ${css.directed}` : css.icon}
      viewBox="0 0 24 24"
      width={rem}
      height={rem}
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
