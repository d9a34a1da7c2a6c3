import { fail } from '../../schema/protocol/errors.ts';
import { json, noContent } from '../answer.ts';
import { endSession } from '../auth/session.ts';
import { type Handler, idParam, type SignedCall } from '../call.ts';
import { devicesOf, hasDevice } from '../directory/devices.ts';

export const listDevices: Handler<SignedCall> = async ({ env, user, device }) => {
  const devices = await devicesOf(env.DB, user);
  if (!devices.ok) return devices;
  return json(
    200,
    devices.value.map((one) => ({ ...one, current: one.id === device })),
  );
};

/** Somebody else's device is answered like one that doesn't exist. */
export const removeDevice: Handler<SignedCall> = async (call) => {
  const id = idParam(call, 'device');
  if (!id.ok) return id;
  const found = await hasDevice(call.env.DB, call.user, id.value);
  if (!found.ok) return found;
  if (!found.value) return fail('not_found', 'you have no such device');
  const ended = await endSession(call.env, call.user, id.value);
  return ended.ok ? noContent() : ended;
};
