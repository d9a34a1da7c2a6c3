/**
 * The version of this software: told by `/v1/health` and by the SDK. Written by `npm run release`, the same as in
 * package.json, which a bundle can't read without carrying all of it. (The version of the wire contract is another
 * thing: version.ts.)
 */
export const VERSION = '0.2.0';
