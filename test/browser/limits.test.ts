import { expect, test } from 'vitest';
import { createAccount, createClient } from '../../client/index.ts';
import { setStage } from './stage.ts';

const stage = setStage({ textBytes: 400, page: 20 });

test('what a deployment allows holds in the app: short texts, and history in small pages', async () => {
  const nan = await stage.person();
  await nan.register('nan', 'Nan', 'password of nan');
  const account = createAccount({ url: stage.service.url });
  await account.register({ handle: 'obi', name: 'Obi', password: 'password of obi' });
  const obi = createClient({ url: stage.service.url, getToken: account.getToken, store: 'memory' });
  const { id } = await obi.createConversation({ kind: 'direct', members: ['@nan'] });
  obi.start();
  const sends = Array.from({ length: 50 }, (_, i) => obi.conversation(id).send(`line ${i + 1} of fifty`));
  await Promise.all(sends.map(({ acked }) => acked));
  obi.close();

  await nan.open('Obi');
  await nan.message('line 1 of fifty').first().waitFor();
  await nan.page.getByRole('button', { name: 'To the latest messages' }).click();
  await nan.message('line 50 of fifty').waitFor();
  await nan.composer().fill('a'.repeat(350));
  expect(await nan.page.getByText('too long').count()).toBe(0);
  await nan.composer().fill('a'.repeat(500));
  await nan.page.getByText('100 bytes too long').waitFor();
  await nan.page.getByRole('button', { name: 'Cut off the rest' }).click();
  await nan.page.keyboard.press('Enter');
  await nan.message('a'.repeat(400)).waitFor();
});
