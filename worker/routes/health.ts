import { VERSION } from '../../schema/protocol/release.ts';
import { json } from '../answer.ts';
import type { Handler } from '../call.ts';

export const health: Handler = async () => json(200, { ok: true, version: VERSION });
