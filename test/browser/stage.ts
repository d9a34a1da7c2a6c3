import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { Person } from './person.ts';
import { Service } from './service.ts';

const SIZE = { width: 1180, height: 760 };

/** A service and a browser for all tests of a file, and people in front of it for one test each. */
export interface Stage {
  readonly service: Service;
  /** A browser of its own: with its own storage, and so its own session. */
  context(options?: Parameters<Browser['newContext']>[0]): Promise<BrowserContext>;
  /** Somebody in front of a new window, of a browser of their own unless one is given. */
  person(within?: BrowserContext): Promise<Person>;
}

/** To be called once at the top of a test file. A test fails when a page complained about something. */
export function setStage(limits: Readonly<Record<string, number>> = { authRate: 1000 }): Stage {
  let service: Service | undefined;
  let browser: Browser | undefined;
  const contexts: BrowserContext[] = [];
  const people: Person[] = [];

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
    for (const person of people) expect(person.complaints).toEqual([]);
    people.length = 0;
    await Promise.all(contexts.splice(0).map((context) => context.close()));
  });

  const stage: Stage = {
    get service() {
      if (!service) throw new Error('The service runs during tests alone');
      return service;
    },
    async context(options = {}) {
      if (!browser) throw new Error('The browser runs during tests alone');
      const made = await browser.newContext({ viewport: SIZE, locale: 'en-GB', ...options });
      contexts.push(made);
      return made;
    },
    async person(within) {
      const somebody = await Person.at(stage.service.url, within ?? (await stage.context()));
      people.push(somebody);
      return somebody;
    },
  };
  return stage;
}
