import type { Client } from '../../../client/index.ts';

/** The direct conversation with whoever has this handle, begun where there is none yet; undefined: nobody has it. */
export async function startChat(client: Client, handle: string): Promise<string | undefined> {
  const user = await client.findUser(handle);
  if (!user) return undefined;
  const { id } = await client.createConversation({ kind: 'direct', members: [user.id] });
  return id;
}
