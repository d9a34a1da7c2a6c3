import { createAccount, createClient } from '../client/index.ts';

const url = process.argv[2] ?? 'http://127.0.0.1:8787';
const account = createAccount({ url });
await account.register({ handle: `ada_${Date.now()}`, password: crypto.randomUUID() });
const client = createClient({ url, getToken: account.getToken });
client.start();
const { id } = await client.createConversation({ kind: 'group', title: 'Notes', members: [] });
const { seq } = await client.conversation(id).send('Hello, Parley!').acked;
console.log(`message ${seq} is stored`);
client.close();
