import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { launchChromium } from '../../scripts/chromium.ts';
import { OfficeProxy } from '../support/office-proxy.ts';
import { Person } from './person.ts';
import { Service } from './service.ts';

const SIZE = { width: 1180, height: 760 };

/** A service and a browser for all tests of a file, and people in front of it for one test each. */
export interface Stage {
  readonly service: Service;
  /** A browser of its own: with its own storage, and so its own session. */
  context(options?: Parameters<Browser['newContext']>[0]): Promise<BrowserContext>;
  /** The same, for all tests of the file. */
  lasting(options?: Parameters<Browser['newContext']>[0]): Promise<BrowserContext>;
  /** Somebody in front of a new window, of a browser of their own unless one is given. `url`: the way to the service. */
  person(within?: BrowserContext, url?: string): Promise<Person>;
  /** A way to the service that can be cut, and counts what passes. */
  proxy(): Promise<{ readonly proxy: OfficeProxy; readonly url: string }>;
}

/** To be called once at the top of a test file. A test fails when a page complained about something. */
export function setStage(limits: Readonly<Record<string, number>> = { authRate: 1000 }): Stage {
  let service: Service | undefined;
  let browser: Browser | undefined;
  const contexts: BrowserContext[] = [];
  const people: Person[] = [];
  const proxies: OfficeProxy[] = [];

  beforeAll(async () => {
    [service, browser] = await Promise.all([
      Service.start({ PARLEY_LIMITS: JSON.stringify(limits) }),
      launchChromium(),
    ]);
  });

  afterAll(async () => {
    await browser?.close();
    await service?.stop();
  });

  afterEach(async () => {
    const complaints = people.splice(0).flatMap((person) => person.complaints);
    await Promise.all(contexts.splice(0).map((context) => context.close()));
    for (const proxy of proxies.splice(0)) proxy.close();
    expect(complaints).toEqual([]);
  });

  const stage: Stage = {
    get service() {
      if (!service) throw new Error('The service runs during tests alone');
      return service;
    },
    async context(options) {
      const made = await stage.lasting(options);
      contexts.push(made);
      return made;
    },
    async lasting(options = {}) {
      if (!browser) throw new Error('The browser runs during tests alone');
      return browser.newContext({ viewport: SIZE, locale: 'en-GB', ...options });
    },
    async person(within, url = stage.service.url) {
      const somebody = await Person.at(url, within ?? (await stage.context()));
      people.push(somebody);
      return somebody;
    },
    async proxy() {
      const proxy = new OfficeProxy(() => Number(new URL(stage.service.url).port));
      proxies.push(proxy);
      return { proxy, url: await proxy.listen() };
    },
  };
  return stage;
}
