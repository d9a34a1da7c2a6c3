import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';

interface Executable {
  readonly path: string;
  readonly env: Record<string, string>;
}

const INSTALLED = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const MAC = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-domain-reliability',
  '--disable-quic',
  '--disable-sync',
  '--font-render-hinting=none',
  '--no-pings',
  '--no-zygote',
];

/** A headless Chromium: the one `PARLEY_CHROMIUM` names, an installed one, or the one that comes as a package. */
export async function launchChromium(): Promise<Browser> {
  const { path, env } = named() ?? installed() ?? (await packaged());
  return chromium.launch({
    executablePath: path,
    args: FLAGS,
    env: { ...inherited(), ...env },
    headless: true,
  });
}

function named(): Executable | undefined {
  const path = process.env['PARLEY_CHROMIUM'];
  return path ? { path, env: {} } : undefined;
}

function installed(): Executable | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const candidates = [...INSTALLED.flatMap((name) => folders.map((folder) => join(folder, name))), MAC];
  const path = candidates.find((candidate) => existsSync(candidate));
  // Some distributions install a script under this name that only tells where to get the browser.
  return path && spawnSync(path, ['--version'], { timeout: 30_000 }).status === 0
    ? { path, env: {} }
    : undefined;
}

/**
 * The package @sparticuz/chromium holds a headless Chromium for Linux on x64, with its libraries and fonts, compressed.
 * They are unpacked once, beside the package and not in the temporary folder that it would share with others.
 */
async function packaged(): Promise<Executable> {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error('Install Chrome or Chromium, or name one in PARLEY_CHROMIUM, to run the browser tests');
  const { inflate } = await import('@sparticuz/chromium');
  const bin = join(dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))), '..', 'bin');
  const cache = fileURLToPath(new URL('../node_modules/.cache/', import.meta.url));
  const folder = join(cache, 'chromium');
  if (!existsSync(folder)) {
    mkdirSync(cache, { recursive: true });
    const fresh = mkdtempSync(join(cache, 'chromium-'));
    await withTemporaryFolder(fresh, async () => {
      for (const pack of ['chromium.br', 'fonts.tar.br', 'swiftshader.tar.br', 'al2023.tar.br']) {
        await inflate(join(bin, pack));
      }
    });
    settle(fresh, folder);
  }
  // The package's own file names a folder that is only there on the platform it was made for.
  const fonts = join(folder, 'fonts', 'fonts.conf');
  const conf = fontsConf(join(folder, 'fonts'));
  if (!existsSync(fonts) || readFileSync(fonts, 'utf8') !== conf) writeFileSync(fonts, conf);
  const libraries = [join(folder, 'al2023', 'lib'), process.env['LD_LIBRARY_PATH']].filter(Boolean);
  return {
    path: join(folder, 'chromium'),
    env: { LD_LIBRARY_PATH: libraries.join(delimiter), FONTCONFIG_PATH: join(folder, 'fonts') },
  };
}

/** Without the last part a bold letter comes from whatever font has one, with serifs or not. */
const fontsConf = (folder: string): string => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${folder}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${join(folder, 'cache')}</cachedir>
  <match target="pattern">
    <edit name="family" mode="append_last" binding="strong"><string>Open Sans</string></edit>
  </match>
</fontconfig>
`;

/** `inflate` always unpacks into the temporary folder. */
async function withTemporaryFolder(folder: string, run: () => Promise<void>): Promise<void> {
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = folder;
  try {
    await run();
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
}

/** Gives the finished folder its name, unless another run was faster. */
function settle(fresh: string, folder: string): void {
  try {
    renameSync(fresh, folder);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}

function inherited(): Record<string, string> {
  const entries = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  return Object.fromEntries(entries);
}
