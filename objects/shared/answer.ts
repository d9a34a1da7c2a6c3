import type { ApiAnswer } from './rpc.ts';

/** An API answer from a value; undefined fields are left out. */
export const answer = (status: number, value: unknown): ApiAnswer => ({
  ok: true,
  status,
  body: JSON.stringify(value),
});

export const noContent: ApiAnswer = { ok: true, status: 204, body: '' };
