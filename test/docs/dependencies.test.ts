import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';

const versions = z.record(z.string(), z.string());
const { dependencies, devDependencies, optionalDependencies, overrides } = z
  .object({
    dependencies: versions,
    devDependencies: versions,
    optionalDependencies: versions,
    overrides: versions.default({}),
  })
  .parse(JSON.parse(readFileSync('package.json', 'utf8')));
const declared = { ...dependencies, ...devDependencies, ...optionalDependencies, ...overrides };

const page = readFileSync('docs/dependencies.md', 'utf8');
const [ofNpm = '', ofOthers = ''] = page.split('\n## From outside npm\n');

/** Names of the first cell, and the other cells, of each row. */
function rows(text: string): { names: string[]; cells: string[] }[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => {
      const [first = '', ...cells] = line.split('|').slice(1, -1);
      const names = [...first.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
      return { names, cells: cells.map((cell) => cell.trim()) };
    });
}

test('each dependency of package.json has its line, and no line is of another one', () => {
  expect(
    rows(ofNpm)
      .flatMap(({ names }) => names)
      .sort(),
  ).toEqual(Object.keys(declared).sort());
});

test('what the tests bring by pip, or by npm beside the project, has its line', () => {
  const named = rows(ofOthers).flatMap(({ names }) => names);
  const wheels = [...readFileSync('scripts/server-packages.ts', 'utf8').matchAll(/wheel: '([^']+)'/g)].map(
    ([, name]) => name,
  );
  expect(wheels.length).toBe(2);
  const tools = readdirSync('test', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(`test/${file}`, 'utf8'))
    .flatMap((text) => [...text.matchAll(/prepare(?:Python|Npm)Tool\('([^']+)'/g)].map(([, name]) => name));
  expect(tools.length).toBe(8);
  expect(named).toEqual(expect.arrayContaining([...wheels, ...tools]));
});

test('each line says why it, who keeps it and what it replaces', () => {
  for (const { names, cells } of rows(page)) {
    expect([names, cells.length]).toEqual([names, 3]);
    for (const cell of cells) expect(cell).toMatch(/\p{L}{3,}/u);
  }
});

test('versions are exact', () => {
  for (const [name, version] of Object.entries(declared))
    expect([name, version]).toEqual([
      name,
      expect.stringMatching(/^(npm:[\w@/.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/),
    ]);
});
