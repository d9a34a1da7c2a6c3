import type { UserCalls } from '../objects/shared/rpc.ts';
import type { TelemetryEnv } from '../objects/shared/telemetry.ts';
import type { Variables } from './settings.ts';

/** A UserObject as the Worker sees it: its calls, and `fetch` for the upgrade to a socket. */
export interface UserStub extends UserCalls {
  fetch(request: Request): Promise<Response>;
}

/** The binding USERS, as far as the Worker uses it. */
export interface UserObjects {
  idFromName(name: string): DurableObjectId;
  get(id: DurableObjectId): UserStub;
}

/** Bindings and variables of the Worker. Only `worker/directory` touches DB. */
export interface Env extends Variables, TelemetryEnv {
  readonly DB: D1Database;
  readonly USERS: UserObjects;
  readonly ASSETS: { fetch(request: Request): Promise<Response> };
}
