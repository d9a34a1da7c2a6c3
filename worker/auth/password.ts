/**
 * Password hashes: scrypt from node:crypto, because the platform ends PBKDF2 at 100,000 rounds. The parameters are one
 * of the sets that the OWASP Password Storage Cheat Sheet calls equally strong, the one that takes the least memory
 * (16 MiB of the 128 that an isolate has).
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

const N = 2 ** 14;
const R = 8;
const P = 5;
const HASH_BYTES = 32;
const SALT_BYTES = 16;

/** `scrypt$N$r$p$salt$hash`, the last two in base64url: it says itself how to check it, so parameters can change. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, N, R, P);
  return ['scrypt', N, R, P, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

/**
 * Whether `password` is the one behind `stored`. Without `stored`, when nobody has that handle, it does the same work
 * and says no: the time of the answer doesn't tell who has an account.
 * @throws Error when `stored` is not a hash of ours.
 */
export async function checkPassword(password: string, stored: string | undefined): Promise<boolean> {
  const [kind, n, r, p, salt = '', hash = ''] = (stored ?? decoy).split('$');
  if (kind !== 'scrypt' || hash === '') throw new Error('a stored password is in no known format');
  const wanted = Buffer.from(hash, 'base64url');
  const got = await derive(password, Buffer.from(salt, 'base64url'), Number(n), Number(r), Number(p));
  return timingSafeEqual(got, wanted) && stored !== undefined;
}

const decoy = `scrypt$${N}$${R}$${P}$${'A'.repeat(22)}$${'A'.repeat(43)}`;

/** The same letters typed on two keyboards can differ in their code points; NFKC makes them one. */
function derive(password: string, salt: Buffer, n: number, r: number, p: number): Promise<Buffer> {
  const options = { N: n, r, p, maxmem: 64 * 1024 * 1024 };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, HASH_BYTES, options, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}
