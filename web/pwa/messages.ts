/** From a window to the service worker that waits: the person agreed. */
export const TAKE_OVER = 'take-over';
