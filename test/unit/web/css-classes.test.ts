import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const web = fileURLToPath(new URL('../../../web/', import.meta.url));
const files = readdirSync(web, { recursive: true, encoding: 'utf8' }).map((name) => join(web, name));
const styles = files.filter((name) => name.endsWith('.module.css'));
const components = files.filter((name) => name.endsWith('.tsx'));

/** Classes a file of styles has. */
const classesIn = (css: string): Set<string> =>
  new Set(
    [...css.replace(/\/\*[\s\S]*?\*\//g, '').matchAll(/\.(-?[_a-zA-Z][\w-]*)(?=[^{}]*\{)/g)].map(
      ([, name]) => name ?? '',
    ),
  );

interface Use {
  readonly component: string;
  readonly names: readonly string[];
  /** By a name that is only known when it runs. */
  readonly any: boolean;
}

/** Which components use which classes, by the file of styles. */
const uses = new Map<string, Use[]>();
for (const component of components) {
  const text = readFileSync(component, 'utf8');
  for (const [, local = '', from = ''] of text.matchAll(/import (\w+) from '(\.[^']+\.module\.css)'/g)) {
    const style = resolve(dirname(component), from);
    const names = [...text.matchAll(new RegExp(`\\b${local}\\.(\\w+)`, 'g'))].map(([, name]) => name ?? '');
    const any = new RegExp(`\\b${local}\\[`).test(text);
    uses.set(style, [...(uses.get(style) ?? []), { component, names, any }]);
  }
}

describe.each(styles.map((style) => [style.slice(web.length), style] as const))('%s', (_, style) => {
  const classes = classesIn(readFileSync(style, 'utf8'));
  const used = uses.get(style) ?? [];

  test('has every class that is asked of it', () => {
    for (const { component, names } of used)
      for (const name of names) expect(classes, component).toContain(name);
  });

  test('has no class that nobody uses', () => {
    expect(used.length, 'somebody uses it').toBeGreaterThan(0);
    if (used.some(({ any }) => any)) return;
    const asked = new Set(used.flatMap(({ names }) => names));
    for (const name of classes) expect(asked).toContain(name);
  });
});
