import type { World } from './world.ts';

/** There is one direct conversation for each pair. */
export const directId = (a: string, b: string): string => `d_${a < b ? `${a}-${b}` : `${b}-${a}`}`;

/** From now on invitations of the other go nowhere, and in the direct conversation what they write is withheld. */
export function setBlock(world: World, user: string, other: string, on: boolean): void {
  const { blocks } = world.mailbox(user);
  if (on) blocks.add(other);
  else blocks.delete(other);
  world.conversations.get(directId(user, other))?.setBlocked(user, on);
}
