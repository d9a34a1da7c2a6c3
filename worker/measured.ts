import { telemetryOf } from '../objects/shared/telemetry.ts';
import type { Env } from './env.ts';

/** Counts a request of the API by how it ended, and measures it. Polls wait on purpose: how long says nothing. */
export async function measured(
  request: Request,
  env: Env,
  answering: () => Promise<Response>,
): Promise<Response> {
  const telemetry = telemetryOf(env);
  const since = Date.now();
  const answer = await answering();
  const { status } = answer;
  telemetry.count(`worker.request.${status < 400 ? 'ok' : status < 500 ? 'refused' : 'failed'}`);
  if (!new URL(request.url).pathname.endsWith('/poll'))
    telemetry.duration('worker.request', Date.now() - since);
  return answer;
}
