import { navigate } from 'wouter/use-browser-location';
import { type Client, createClient, type User } from '../../client/index.ts';
import { keep, onKeptElsewhere } from '../state/kept.ts';
import { createValue, type Observable } from '../state/value.ts';
import { forgetEverything, forgetHere } from './forget.ts';
import { openSession, type SessionStore } from './session.ts';

/** What the window shows: the way in, or the app of somebody. */
export type Scene =
  | { readonly name: 'signed-out'; readonly expired: boolean }
  | { readonly name: 'signed-in'; readonly user: User; readonly client: Client };

/** Tells other windows who logs out, before the session goes. */
const LEAVES = 'parley.leaves';

/** Brings the client of whoever signs in to life, and ends it when they leave. */
export class Stage {
  readonly session: SessionStore;
  readonly #url: string;
  readonly #scene = createValue<Scene>({ name: 'signed-out', expired: false });
  /** Whoever leaves asked for it; otherwise the service ended their session. */
  #asked = false;
  /** They asked in another window, and this one is not done with it. */
  #leaving = false;

  constructor(url: string) {
    this.#url = url;
    this.session = openSession(url, () => {
      // Begin anew, with nothing of the one before.
      if (!this.#leaving) location.replace('/');
    });
    onKeptElsewhere(LEAVES, (user) => {
      if (user !== undefined) void this.#leftElsewhere(user);
    });
    this.session.user.subscribe(() => this.#follow());
    this.#follow();
  }

  get scene(): Observable<Scene> {
    return this.#scene;
  }

  /** Signs out here in any case, and leaves nothing of the person behind in this browser. */
  async logOut(): Promise<void> {
    const scene = this.#scene.get();
    this.#asked = true;
    if (scene.name === 'signed-in') keep(LEAVES, scene.user.id);
    const ended = this.session.account.logout();
    await this.#leave(scene, false);
    await ended;
  }

  /**
   * Each window deletes what it kept once its own client is at an end. The one in which somebody left has done so before
   * the others heard of it, and one of those may have gone on as the window that is connected, and keeps things.
   */
  async #leftElsewhere(user: string): Promise<void> {
    const scene = this.#scene.get();
    this.#leaving = true;
    this.#asked = true;
    this.#scene.set({ name: 'signed-out', expired: false });
    if (scene.name === 'signed-in') await scene.client.clear().catch(() => {});
    await forgetHere(user);
    location.replace('/');
  }

  #follow(): void {
    const scene = this.#scene.get();
    const user = this.session.user.get();
    if (user && scene.name === 'signed-out') this.#enter(user);
    else if (!user && scene.name === 'signed-in') void this.#leave(scene, !this.#asked);
  }

  #enter(user: User): void {
    this.#asked = false;
    // So that it changes when they leave, which is what other windows hear.
    keep(LEAVES, undefined);
    const client = createClient({
      url: this.#url,
      getToken: this.session.account.getToken,
      user: user.id,
    });
    // What is shown starts and closes it.
    this.#scene.set({ name: 'signed-in', user, client });
    client.connection.subscribe(() => {
      const state = client.connection.get();
      const over =
        state.name === 'needs-auth' || (state.name === 'closed' && state.reason === 'session_ended');
      if (!over || this.#scene.get().name === 'signed-out') return;
      void this.session.account.logout();
    });
  }

  async #leave(scene: Scene, expired: boolean): Promise<void> {
    if (scene.name === 'signed-out' || this.#scene.get() !== scene) return;
    this.#scene.set({ name: 'signed-out', expired });
    // Whoever logs in next doesn't land on a page of the one before.
    if (!expired) navigate('/', { replace: true });
    // Who is logged out by the service, and not by themselves, comes back to what they had.
    if (expired) return scene.client.close();
    await scene.client.clear();
    await forgetEverything(scene.user.id);
  }
}
