import { json } from '../answer.ts';
import type { Handler } from '../call.ts';
import { VERSION } from '../settings.ts';

export const health: Handler = async () => json(200, { ok: true, version: VERSION });
