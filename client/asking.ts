import { Directory } from './directory.ts';
import type { Engine, EngineOptions } from './engine-types.ts';
import { ParleyError } from './errors.ts';
import { History } from './history.ts';
import { type Api, createApi, type Method } from './http.ts';
import { found, type Looked, Looking } from './looking.ts';
import type { Parts } from './parts.ts';
import { changePrefs, PrefsTold } from './prefs.ts';
import type { Prefs, PrefsChange, User } from './types.ts';

/** Everything that is asked of the service over HTTP. Loaded when the first is asked. */
export class Asking {
  readonly api: Api;
  readonly history: History;
  readonly directory: Directory;
  readonly #parts: Parts;
  readonly #options: EngineOptions;
  readonly #told: PrefsTold;

  constructor(parts: Parts, options: EngineOptions) {
    this.#parts = parts;
    this.#options = options;
    this.api = createApi(options);
    this.#told = new PrefsTold(parts.events);
    this.history = new History(parts, this.api, this.#told, options.page);
    this.directory = new Directory(parts, this.history, options);
  }

  look(looked: Looked, engine: Pick<Engine, 'sendAlways'>): Looking {
    return new Looking(this.#parts, this.api, this.#options, looked, engine);
  }

  async findUser(handle: string): Promise<User | undefined> {
    const users = await this.api<User[]>('GET', `/users?handle=${encodeURIComponent(handle)}`);
    found(this.#parts, users);
    return users[0];
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
      events.emit('conversations');
      settle();
    };
    const before = conversations.get(conversation)?.prefs;
    const { api } = this;
    return changePrefs(conversation, before, change, { api, told: this.#told, now: now(), show });
  }
}
