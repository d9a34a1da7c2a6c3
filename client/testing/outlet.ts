import type { Outlet } from './conversation.ts';
import { Receipts } from './receipts.ts';
import type { World } from './world.ts';

const receiptsOf = new WeakMap<World, Receipts>();

/** Where what a conversation gives out goes to. */
export function createOutlet(world: World): Outlet {
  const receipts = receiptsOf.get(world) ?? new Receipts(world);
  receiptsOf.set(world, receipts);
  return {
    now: () => Math.floor(world.clock.now()),
    entry: (user, conversation, seq, own) => {
      const mailbox = world.mailbox(user);
      if (own) mailbox.own(conversation, seq);
      else mailbox.entry(conversation, seq);
    },
    begin: (user, conversation, first) => world.mailbox(user).begin(conversation, first),
    end: (user, conversation, seq) => world.mailbox(user).end(conversation, seq),
    marked: (conversation, member, from) => receipts.moved(conversation, member, from),
  };
}
