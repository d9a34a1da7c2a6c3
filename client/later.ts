/**
 * Modules that are loaded when they are first needed. A program that has them anyway puts them here, such as a test
 * whose clock waits for no file.
 */
export const later = {
  /** Where there is a store, or other tabs. */
  device: () => import('./device.ts'),
  /** What goes over HTTP. */
  asking: () => import('./asking.ts'),
  /** Where sockets don't get through. */
  polling: () => import('./poll-transport.ts'),
};
