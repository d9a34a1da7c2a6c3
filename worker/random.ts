/** `bytes` random bytes in base64url: 18 of them make 24 characters. */
export const randomText = (bytes: number): string =>
  Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('base64url');

// 18 bytes: no two of them meet, and nobody guesses one.
export const newUserId = (): string => `u_${randomText(18)}`;
export const newDeviceId = (): string => `d_${randomText(18)}`;
