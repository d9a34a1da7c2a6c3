import type { Session } from '../../../schema/protocol/http-auth.ts';
import type { Conversation } from '../../../schema/protocol/http-conversations.ts';
import { Person, post, type Service } from './device.ts';

export const PASSWORD = 'correct horse battery staple';

let count = 0;

/** Somebody nobody has met. */
export async function newcomer(service: Service, name: string): Promise<Person> {
  const handle = `${name}_${count++}`;
  const token = await service.tokenOf?.(handle);
  const session = await (token === undefined
    ? post<Session>(service, '/auth/register', { handle, name, password: PASSWORD })
    : post<Session>(service, '/auth/exchange', { token }));
  return new Person(service, session);
}

export const newcomers = (service: Service, ...names: string[]): Promise<Person[]> =>
  Promise.all(names.map((name) => newcomer(service, name)));

export async function direct(a: Person, b: Person): Promise<string> {
  const { id } = await a.api<Conversation>('POST', '/conversations', { kind: 'direct', members: [b.id] });
  return id;
}

export async function group(owner: Person, ...others: Person[]): Promise<string> {
  const members = others.map(({ id }) => id);
  const body = { kind: 'group', members, title: 'Crew' };
  return (await owner.api<Conversation>('POST', '/conversations', body)).id;
}

/** The four people of most scenarios: Ada, Ben, Cyd, who is often in, and Eve, who is out. */
export async function crowd(
  service: Service,
): Promise<{ ada: Person; ben: Person; cyd: Person; eve: Person }> {
  const [ada, ben, cyd, eve] = await newcomers(service, 'ada', 'ben', 'cyd', 'eve');
  if (!ada || !ben || !cyd || !eve) throw new Error('somebody is missing');
  return { ada, ben, cyd, eve };
}
