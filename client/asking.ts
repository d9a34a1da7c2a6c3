import { Directory } from './directory.ts';
import type { EngineOptions } from './engine-types.ts';
import { ParleyError } from './errors.ts';
import { History } from './history.ts';
import { type Api, createApi, type Method } from './http.ts';
import type { Parts } from './parts.ts';
import { changePrefs } from './prefs.ts';
import type { Prefs, PrefsChange, User } from './types.ts';

/** One request asks for so many. */
const USERS = 100;

/** Everything that is asked of the service over HTTP. Loaded when the first is asked. */
export class Asking {
  readonly api: Api;
  readonly history: History;
  readonly directory: Directory;
  readonly #parts: Parts;

  constructor(parts: Parts, options: EngineOptions) {
    this.#parts = parts;
    this.api = createApi(options);
    this.history = new History(parts, this.api);
    this.directory = new Directory(parts, this.history, options);
  }

  async findUser(handle: string): Promise<User | undefined> {
    return (await this.#users(`handle=${encodeURIComponent(handle)}`))[0];
  }

  async users(ids: readonly string[]): Promise<void> {
    for (let at = 0; at < ids.length; at += USERS)
      await this.#users(`ids=${ids.slice(at, at + USERS).join(',')}`);
  }

  async #users(query: string): Promise<readonly User[]> {
    const { users, kept, events, settle } = this.#parts;
    const found = await this.api<User[]>('GET', `/users?${query}`);
    for (const user of found) {
      users.set(user.id, user);
      kept?.user(user);
    }
    events.emit('users', found);
    settle();
    return found;
  }

  /** `path` is below the conversation's. */
  async change(conversation: string, method: Method, path: string, body?: unknown): Promise<void> {
    await this.api(method, `/conversations/${encodeURIComponent(conversation)}${path}`, body);
  }

  async member(
    conversation: string,
    method: 'PUT' | 'DELETE',
    user: string | undefined,
    body?: unknown,
  ): Promise<void> {
    if (user === undefined) throw new ParleyError('network', 'It is not known yet who this is');
    await this.change(conversation, method, `/members/${encodeURIComponent(user)}`, body);
  }

  setPrefs(conversation: string, change: PrefsChange): Promise<void> {
    const { conversations, events, now, settle } = this.#parts;
    const show = (prefs: Prefs | undefined): void => {
      conversations.setPrefs(conversation, prefs);
      events.emit('conversations', undefined);
      settle();
    };
    const before = conversations.get(conversation)?.prefs;
    return changePrefs(this.api, conversation, before, change, now(), show);
  }
}
