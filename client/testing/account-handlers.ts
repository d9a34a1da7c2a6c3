import type { Infer } from '../../schema/protocol/check.ts';
import { fail } from '../../schema/protocol/errors.ts';
import type {
  exchangeBody,
  loginBody,
  profileBody,
  RegisterBody,
  refreshBody,
  User,
} from '../../schema/protocol/http-auth.ts';
import { VERSION } from '../../schema/protocol/release.ts';
import type { Accounts } from './accounts.ts';
import { setBlock } from './blocks.ts';
import { type Handlers, json, noContent } from './handlers.ts';
import type { Answer, Request } from './http.ts';
import type { World } from './world.ts';

type Open = Readonly<Record<string, (request: Request) => Answer>>;

const nobody = fail('not_found', 'there is no such user');

/** A new device, and the end of those it leaves no place for. */
export function addDevice(
  world: World,
  user: string,
  name: string | undefined,
  exchanged?: string,
): ReturnType<Accounts['addDevice']> {
  const added = world.accounts.addDevice(user, name, exchanged);
  for (const { id } of added.ended) endSession(world, user, id);
  return added;
}

function endSession(world: World, user: string, device: string): void {
  world.accounts.removeDevice(device);
  world.mailbox(user).removeDevice(device);
}

/** Accounts, profiles, devices, blocks. */
export function accountHandlers(world: World): { readonly open: Open; readonly signedIn: Handlers } {
  const { accounts } = world;

  const begin = (user: User, deviceName: string | undefined, status: number, exchanged?: string): Answer => {
    const { device, ended } = addDevice(world, user.id, deviceName, exchanged);
    const told = ended.map(({ id, name }) => ({ id, name }));
    return json(status, { ...accounts.session(device), ...(told.length === 0 ? {} : { ended: told }) });
  };

  const open: Open = {
    getHealth: ({ query }) =>
      json(200, {
        ok: true,
        version: VERSION,
        ...(query.deep === undefined ? {} : { parts: ['database', 'objects'] }),
      }),
    register({ body }) {
      const { handle, password, name, device } = body as RegisterBody;
      const user = accounts.add(handle, name, password);
      return user.ok ? begin(user.value, device?.name, 201) : user;
    },
    login({ body }) {
      const { handle, password, device } = body as Infer<typeof loginBody>;
      const user = accounts.checkPassword(handle, password);
      return user.ok ? begin(user.value, device?.name, 200) : user;
    },
    refresh({ body }) {
      const { refreshToken, attempt } = body as Infer<typeof refreshBody>;
      const device = accounts.refresh(refreshToken, attempt);
      if (device.ok) return json(200, accounts.session(device.value));
      const reused = accounts.deviceOf(refreshToken);
      if (reused) endSession(world, reused.user, reused.id);
      return device;
    },
    exchange({ body }) {
      const { token, device } = body as Infer<typeof exchangeBody>;
      if (!world.product) return fail('not_found', 'this deployment takes no tokens of another product');
      const person = world.product(token);
      if (!person) return fail('unauthenticated', 'token: is not good');
      const same = accounts.exchanged(token);
      if (same) return json(200, accounts.session(same));
      return begin(accounts.ofProduct(person), device?.name, 200, token);
    },
  };

  const signedIn: Handlers = {
    logout({ user, device }) {
      endSession(world, user, device);
      return noContent;
    },
    getMe: ({ user }) => json(200, accounts.user(user)),
    changeMe({ user }, { body }) {
      const { name, about, avatar, privacy } = body as Infer<typeof profileBody>;
      const given = Object.entries({ name, about, avatar }).filter(([, value]) => value !== undefined);
      return json(200, accounts.change(user, Object.fromEntries(given), privacy?.lastSeen));
    },
    getUser(_, { params: { id = '' } }) {
      const user = accounts.user(id);
      return user ? json(200, user) : nobody;
    },
    findUsers(_, { query: { handle, ids } }) {
      if (typeof handle === 'string') {
        const user = accounts.byHandle(handle);
        return json(200, user ? [user] : []);
      }
      const wanted = [...new Set(String(ids).split(','))];
      return json(
        200,
        wanted.map((id) => accounts.user(id)).filter((user) => user !== undefined),
      );
    },
    listBlocks: ({ user }) => json(200, { users: [...world.mailbox(user).blocks] }),
    block({ user }, { params: { id = '' } }) {
      if (id === user) return fail('bad_request', 'user: you can not block yourself');
      setBlock(world, user, id, true);
      return noContent;
    },
    unblock({ user }, { params: { id = '' } }) {
      if (id === user) return fail('bad_request', 'user: you can not block yourself');
      setBlock(world, user, id, false);
      return noContent;
    },
    listDevices({ user, device }) {
      const devices = accounts.devices(user).map(({ id, name, createdAt, refreshedAt }) => ({
        id,
        name,
        createdAt,
        refreshedAt,
        current: id === device,
      }));
      return json(200, devices);
    },
    removeDevice({ user }, { params: { id = '' } }) {
      if (!accounts.devices(user).some((device) => device.id === id))
        return fail('not_found', 'you have no such device');
      endSession(world, user, id);
      return noContent;
    },
  };
  return { open, signedIn };
}
