import { accept } from '../../schema/protocol/codec.ts';
import { fail } from '../../schema/protocol/errors.ts';
import { healthQuery } from '../../schema/protocol/http-auth.ts';
import { VERSION } from '../../schema/protocol/release.ts';
import { json } from '../answer.ts';
import { type Handler, queryOf } from '../call.ts';
import { failingParts, isReady, PARTS } from '../health/health.ts';
import { textParam } from '../query.ts';

/** `unavailable` until requests can be served; with `deep=1`, also while a part of the service fails. */
export const health: Handler = async (call) => {
  const given = textParam(queryOf(call), 'deep');
  if (!given.ok) return given;
  const query = accept(healthQuery, { deep: given.value });
  if (!query.ok) return query;
  if (query.value.deep === undefined) {
    return (await isReady(call.env))
      ? json(200, { ok: true, version: VERSION })
      : fail('unavailable', 'database: can not be reached, or has not all its tables yet', 1);
  }
  const failing = await failingParts(call.env);
  return failing.length === 0
    ? json(200, { ok: true, version: VERSION, parts: PARTS })
    : fail('unavailable', `${failing.join(', ')}: no good answer in time`, 5);
};
