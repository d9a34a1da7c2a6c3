/** Most members a group has where nobody set it otherwise, oneself included. */
export const MOST_MEMBERS = 1_024;
/** Characters. */
export const MOST_TITLE = 256;
