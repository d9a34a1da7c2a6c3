// `npm run shots`: pictures of every screen, on desktop and phone, light and dark, in every language, into dist/shots.
// People and what they say come from data/. Words behind it choose: `npm run shots -- settings phone dark ar`.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../../scripts/chromium.ts';
import { Service } from '../browser/service.ts';
import { SCREENS, type Screen } from './screens.ts';
import { type Stage, setStage } from './stage.ts';
import { STILL, signIn, visit } from './visit.ts';

const folder = fileURLToPath(new URL('../../dist/shots/', import.meta.url));

const WINDOWS = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } } as const;
const SCHEMES = ['light', 'dark'] as const;
const LOCALES = { en: 'en-GB', ar: 'ar-EG' } as const;

interface Look {
  readonly size: keyof typeof WINDOWS;
  readonly scheme: (typeof SCHEMES)[number];
  readonly language: keyof typeof LOCALES;
}

const looks: Look[] = (['desktop', 'phone'] as const).flatMap((size) =>
  SCHEMES.flatMap((scheme) => (['en', 'ar'] as const).map((language) => ({ size, scheme, language }))),
);

/** Every word names a look, or is part of the name of a screen; of each sort one must fit. */
function wanted(words: readonly string[], look: Look, screen: Screen): boolean {
  const fits = (known: readonly string[], value: string): boolean => {
    const asked = words.filter((word) => known.includes(word));
    return asked.length === 0 || asked.includes(value);
  };
  const sorts: readonly (readonly string[])[] = [Object.keys(WINDOWS), SCHEMES, Object.keys(LOCALES)];
  const names = words.filter((word) => !sorts.some((sort) => sort.includes(word)));
  return (
    fits(Object.keys(WINDOWS), look.size) &&
    fits(SCHEMES, look.scheme) &&
    fits(Object.keys(LOCALES), look.language) &&
    (names.length === 0 || names.some((name) => screen.name.includes(name)))
  );
}

async function shoot(browser: Browser, url: string, stage: Stage, look: Look, screen: Screen): Promise<void> {
  const { size, scheme, language } = look;
  const context = await browser.newContext({
    ...STILL,
    viewport: WINDOWS[size],
    colorScheme: scheme,
    locale: LOCALES[language],
    hasTouch: size === 'phone',
  });
  try {
    await signIn(context, screen.who(stage));
    const page = await context.newPage();
    await visit(page, { url, stage, screen });
    const path = `${folder}${screen.name}-${size}-${scheme}-${language}.png`;
    await page.screenshot({ animations: 'disabled', path });
  } finally {
    await context.close();
  }
}

const words = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const service = await Service.start({ PARLEY_LIMITS: '{"authRate":1000,"sendRate":1000,"sendBurst":1000}' });
const browser = await launchChromium();
let taken = 0;
try {
  const stage = await setStage(service.url);
  for (const look of looks) {
    for (const screen of SCREENS.filter((one) => wanted(words, look, one))) {
      await shoot(browser, service.url, stage, look, screen);
      taken++;
    }
  }
  console.log(`${taken} pictures in dist/shots`);
} finally {
  await browser.close();
  await service.stop();
}
