import { act, type ReactNode, StrictMode, useEffect } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, expect, vi } from 'vitest';
import { type Client, createClient, memoryStore } from '../../../../client/index.ts';
import { ParleyProvider } from '../../../../client/react/index.ts';
import type { TestUser } from '../../../../client/testing/index.ts';
import { world } from '../support.ts';

/** What React says to the console fails the test it is said in. To be called once at the top of a test file. */
export function watchConsole(): void {
  const complaints: string[] = [];
  beforeEach(() => {
    Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
    for (const level of ['error', 'warn'] as const)
      vi.spyOn(console, level).mockImplementation((...said) => void complaints.push(said.join(' ')));
  });
  afterEach(async () => {
    for (const end of mounted) await end();
    vi.restoreAllMocks();
    expect(complaints.splice(0)).toEqual([]);
  });
}

const mounted = new Set<() => Promise<void>>();

/** A world with a page in it. */
export function stage(seed?: number) {
  const all = world(seed);
  const { clock, server } = all;
  /** A client that nobody has started. */
  const client = (who: TestUser, fetch = server.fetch): Client =>
    createClient({
      url: server.url,
      transport: server.transport,
      fetch,
      getToken: who.getToken,
      clock,
      random: () => 0.5,
      store: memoryStore(),
      tabs: 'none',
    });
  return {
    ...all,
    client,
    /** Lets time pass; whatever comes of it is on the screen. */
    pass: (ms: number): Promise<void> => act(() => clock.advance(ms)),
    async mount(of: Client, children: ReactNode) {
      const element = document.createElement('div');
      const root = createRoot(element);
      const show = (what: ReactNode): Promise<void> =>
        act(async () =>
          root.render(
            <StrictMode>
              <ParleyProvider client={of}>{what}</ParleyProvider>
            </StrictMode>,
          ),
        );
      const unmount = async (): Promise<void> => {
        mounted.delete(unmount);
        await act(async () => root.unmount());
      };
      mounted.add(unmount);
      await show(children);
      return { show, unmount, text: () => element.textContent };
    },
  };
}

/** How often components were put on the screen, by name; StrictMode's second calls of a function don't count. */
export function commits() {
  const counts: Record<string, number> = {};
  return {
    counts,
    reset: () => {
      for (const name of Object.keys(counts)) counts[name] = 0;
    },
    useCount: (name: string): void =>
      useEffect(() => {
        counts[name] = (counts[name] ?? 0) + 1;
      }),
  };
}
