import type { Failure } from '../schema/protocol/errors.ts';

/** A value, or the expected failure that came instead. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | Failure;

export const done = <T>(value: T): Outcome<T> => ({ ok: true, value });
