import { createAccount, createClient } from 'parley/client';
import { ParleyProvider, useTimeline } from 'parley/react';
import { createRoot } from 'react-dom/client';

const account = createAccount({ url: 'http://127.0.0.1:8787' });
await account.register({ handle: `ada_${Date.now()}`, password: crypto.randomUUID() });
const client = createClient({ url: 'http://127.0.0.1:8787', getToken: account.getToken });
const { id } = await client.createConversation({ kind: 'group', title: 'Notes', members: [] });
client.conversation(id).send('Hello, Parley!');
const Chat = () =>
  useTimeline(id).items.map((m) => 'content' in m && <p key={m.clientId}>{`${m.content.text}`}</p>);
createRoot(document.body).render(<ParleyProvider client={client}>{<Chat />}</ParleyProvider>);
