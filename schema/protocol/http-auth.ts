import {
  bool,
  described,
  type Infer,
  list,
  literal,
  object,
  oneOf,
  optional,
  refine,
  text,
} from './check.ts';
import { handle, id, time } from './ids.ts';

const name = text({ min: 1, max: 64 });
const password = text({ min: 8, max: 256 });
/** What a log-in may say of the device it begins. */
const newDevice = optional(object({ name: optional(name) }));
const token = text({ min: 1, max: 16_384 });

export const registerBody = object({ handle, password, name: optional(name), device: newDevice });
export const loginBody = object({ handle, password, device: newDevice });
export const refreshBody = object({
  refreshToken: text({ min: 1, max: 512 }),
  attempt: optional(
    described(id, 'Names this attempt: kept before it is sent, and sent again until there is an answer.'),
  ),
});
export const exchangeBody = object({ token, device: newDevice });
export type RegisterBody = Infer<typeof registerBody>;

const profile = { id, handle, name, about: optional(text({ max: 512 })), avatar: optional(id) };
export const user = object(profile);
export type User = Infer<typeof user>;

/** Who may see when the caller was last there; without it, everyone the caller doesn't block. */
export const privacy = object({ lastSeen: optional(oneOf('everyone', 'nobody')) });

/** A profile as its owner sees it. */
export const me = object({ ...profile, privacy: optional(privacy) });
export type Me = Infer<typeof me>;

export const profileBody = object({
  name: optional(name),
  about: optional(text({ max: 512 })),
  avatar: optional(id),
  privacy: optional(privacy),
});

export const deviceInfo = object({ id, name });
export const device = object({
  id,
  name,
  createdAt: time,
  refreshedAt: described(time, 'When its session was last renewed.'),
  current: described(bool, 'The device that asks.'),
});
export const devicesList = list(device, 1000);
/** Users asked for by their ids at a time. */
export const USERS_AT_ONCE = 100;
export const usersList = list(user, USERS_AT_ONCE);
/** Either one handle or some ids. */
export const usersQuery = refine(
  object({
    handle: optional(handle),
    ids: optional(
      text({
        min: 1,
        max: USERS_AT_ONCE * 65,
        pattern: new RegExp(`^[A-Za-z0-9_-]{1,64}(,[A-Za-z0-9_-]{1,64}){0,${USERS_AT_ONCE - 1}}$`),
        describe: `1 to ${USERS_AT_ONCE} ids with commas between them.`,
      }),
    ),
  }),
  ({ handle: one, ids }) =>
    (one === undefined) === (ids === undefined) ? 'handle, ids: exactly one of these' : undefined,
);
export const blocksList = object({ users: list(id, 10_000) });

export const session = object({
  user,
  device: deviceInfo,
  accessToken: token,
  expiresAt: time,
  refreshToken: text({ max: 512 }),
  ended: optional(
    described(list(deviceInfo, 1000), 'Devices that were signed out to make room for this one.'),
  ),
});
export type Session = Infer<typeof session>;

/** What a deep look at the service touches. */
export const healthPart = oneOf('database', 'objects');
export type HealthPart = Infer<typeof healthPart>;
export const healthQuery = object({
  deep: optional(described(literal('1'), 'Touches the parts too, at most once in 5 s.')),
});
export const health = object({
  ok: literal(true),
  version: text({ max: 64 }),
  parts: optional(described(list(healthPart, 16), 'Those that answered, when they were asked.')),
});
