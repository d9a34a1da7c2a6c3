import type { Issuer } from '../../bench/support/issuer.ts';
import { createAccount } from '../../client/index.ts';
import type { Rng } from '../support/rng.ts';
import { Device } from './device.ts';

/** Devices by user: `polls` sits behind a proxy that lets no socket through, `few` gets little of what it missed. */
const PEOPLE: Readonly<Record<string, readonly { readonly polls?: true; readonly few?: true }[]>> = {
  ada: [{}, {}],
  ben: [{}, { polls: true }],
  cyd: [{ polls: true }, { few: true }],
  dan: [{}],
  eve: [{}, { polls: true, few: true }],
  fay: [{}],
};

const ROOMS = ['ada ben', 'cyd dan', 'eve fay', 'ada eve', 'ada ben cyd', 'ben dan eve fay'];

/** A conversation, and the devices of everybody in it. */
export interface Room {
  readonly id: string;
  readonly devices: readonly Device[];
}

export interface CrowdOptions {
  readonly url: string;
  /** The same service where sockets don't get through. */
  readonly office: string;
  readonly issuer: Issuer;
  readonly rng: Rng;
  readonly haste: number;
  readonly online: (device: Device) => void;
}

/** Everybody signed in and connected, in all conversations. */
export async function gather({ url, office, issuer, rng, haste, online }: CrowdOptions): Promise<{
  readonly devices: readonly Device[];
  readonly rooms: readonly Room[];
}> {
  const devices: Device[] = [];
  const of = new Map<string, Device[]>();
  for (const [who, kinds] of Object.entries(PEOPLE)) {
    for (const [i, { polls, few }] of kinds.entries()) {
      const account = createAccount({ url });
      const name = `${who}-${i}`;
      await account.exchange(await issuer.token(who, who), name);
      const at = polls ? office : url;
      const device = new Device({ name, account, url: at, limit: few ? 5 : 100, haste, rng, online });
      devices.push(device);
      of.set(who, [...(of.get(who) ?? []), device]);
    }
  }
  for (const device of devices) device.open();
  await Promise.all(devices.map(({ client }) => client.online()));
  const rooms: Room[] = [];
  for (const names of [...ROOMS, Object.keys(PEOPLE).join(' ')]) {
    const inside = names.split(' ').map((who) => of.get(who) ?? []);
    const [host] = inside[0] ?? [];
    if (!host) throw new Error('nobody is here');
    const members = inside.slice(1).map(([device]) => device?.user ?? '');
    const kind = inside.length === 2 ? 'direct' : 'group';
    const { id } = await host.client.createConversation({ kind, members });
    rooms.push({ id, devices: inside.flat() });
  }
  return { devices, rooms };
}
