import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Where names of files and folders are words of the business, and not of a library. */
const FOLDERS = [
  'shared/bitacora',
  'shared/emision',
  'shared/mantenimiento',
  'shared/motor',
  'shared/nucleo',
  'shared/registro',
];
/** Words that only join others, and names that are the same in any language. */
const NO_TERMS = [
  'a',
  'de',
  'del',
  'en',
  'json',
  'la',
  'las',
  'lo',
  'no',
  'para',
  'por',
  'sin',
  'su',
  'uuid',
];

/** The terms of each table, in its order. */
const tables = readFileSync('docs/glosario.md', 'utf8')
  .split(/^\| (?:term|word) .*\n\| -.*\n/m)
  .slice(1)
  .map((table) =>
    [...table.matchAll(/^\| ([^|]+?) *\|/gm)].map(([, terms = '']) => terms.replace(/[*`]/g, '')),
  );

const withoutAccents = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
const known = new Set(tables.flat().flatMap((cell) => withoutAccents(cell).match(/\w+/g) ?? []));

/** A file's or folder's name is made of words, each of which is a term or its plural. */
function unknownWords(path: string): string[] {
  return basename(path)
    .replace(/\.ts$/, '')
    .split('-')
    .filter((word) => !NO_TERMS.includes(word))
    .filter(
      (word) => ![word, word.replace(/s$/, ''), word.replace(/es$/, '')].some((form) => known.has(form)),
    );
}

test('every term that names a file or a folder has a row', () => {
  const paths = FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((path) => join(folder, path))
      .filter((path) => !path.includes('/migraciones/')),
  );
  expect(paths).toContain('shared/registro/emision/filas/por-revocar.ts');
  expect(paths.filter((path) => unknownWords(path).length > 0)).toEqual([]);
});

test('each table stands in alphabetical order, and has no term twice', () => {
  expect(tables.length).toBeGreaterThan(5);
  const ordered = tables.map((terms) =>
    [...new Set(terms)].sort((one, other) => one.localeCompare(other, 'es')),
  );
  expect(tables).toEqual(ordered);
});
