import { createAccount, createClient } from '../client/index.ts';

const url = process.argv[2] ?? 'http://127.0.0.1:8787';
const join = async (handle: string) => {
  const account = createAccount({ url });
  await account.register({ handle: `${handle}_${Date.now()}`, password: crypto.randomUUID() });
  const client = createClient({ url, getToken: account.getToken });
  client.start();
  await client.online();
  return client;
};

const [ada, ben] = await Promise.all([join('ada'), join('ben')]);
const { id } = await ada.createConversation({ kind: 'direct', members: [ben.me.get()?.user ?? ''] });
ben.on('message', ({ content }) => {
  console.log('ben got', content);
  ben.close();
});
const { seq } = await ada.conversation(id).send('Hello, Ben!').acked;
console.log(`ada knows that message ${seq} is stored`);
ada.close();
