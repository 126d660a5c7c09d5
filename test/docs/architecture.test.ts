import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { drawGraph, GRAPH_PAGE } from '../../scripts/graph/draw.ts';

const LAYERS = ['workflows', 'activities', 'api', 'worker', 'servicio', 'shared', 'simulator', 'scripts'];

const cruised = z.object({
  modules: z.array(
    z.object({ source: z.string(), dependencies: z.array(z.object({ resolved: z.string() })) }),
  ),
});

/** `shared/<part>` stands alone; every other layer is one with its domains. */
function folderOf(file: string): string | null {
  const [layer = '', part = ''] = file.split('/');
  if (!LAYERS.includes(layer)) return null;
  return layer === 'shared' ? `${layer}/${part}` : layer;
}

function importsOfTheCode(): Map<string, Set<string>> {
  const cli = 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs';
  const json = execFileSync(process.execPath, [cli, ...LAYERS, '--output-type', 'json'], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const folders = new Map<string, Set<string>>();
  for (const { source, dependencies } of cruised.parse(JSON.parse(json)).modules) {
    const from = folderOf(source);
    if (from === null) continue;
    const imports = folders.get(from) ?? new Set<string>();
    folders.set(from, imports);
    for (const { resolved } of dependencies) {
      const to = folderOf(resolved);
      if (to !== null && to !== from) imports.add(to);
    }
  }
  return folders;
}

/** Rows of the table under "Folders": a folder, what it imports, what it is. */
function importsOfThePage(): Map<string, Set<string>> {
  const [, section = ''] = readFileSync('ARCHITECTURE.md', 'utf8').split('\n## Folders\n');
  const [table = ''] = section.split('\n## ');
  return new Map(
    [...table.matchAll(/^\| `([^`]+)` *\|([^|]*)\|/gm)].map(([, folder = '', imports = '']) => [
      folder,
      new Set([...imports.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)),
    ]),
  );
}

function sorted(folders: Map<string, Set<string>>): Record<string, string[]> {
  return Object.fromEntries([...folders].map(([name, imports]) => [name, [...imports].sort()] as const));
}

test('ARCHITECTURE.md draws the import graph that the code has', () => {
  const drawn = sorted(importsOfThePage());
  expect(Object.keys(drawn)).toContain('workflows');
  expect(drawn).toEqual(sorted(importsOfTheCode()));
}, 60_000);

test('docs/graph.md draws what the code imports: else run npm run graph', () => {
  expect(readFileSync(GRAPH_PAGE, 'utf8')).toBe(drawGraph());
}, 60_000);
