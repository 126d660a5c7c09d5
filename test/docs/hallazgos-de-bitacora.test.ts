/** What `npm run bitacora -- verificar` may say, against the page that tells what to do about it. */
import { readFileSync } from 'node:fs';

/** Where findings are worded; what they are made of in parts is put together here as there. */
const FILES = [
  'shared/bitacora/verificacion/verificacion.ts',
  'shared/bitacora/verificacion/verificacion-de-datos.ts',
  'shared/bitacora/verificacion/verificacion-de-sobras.ts',
  'shared/bitacora/verificacion/verificacion-de-tramo.ts',
  'shared/registro/emision/auditoria/auditoria.ts',
  'shared/registro/emision/auditoria/auditoria-de-codigo.ts',
  'shared/registro/emision/auditoria/auditoria-de-lo-emitido.ts',
  'shared/registro/emision/auditoria/auditoria-de-reejecuciones.ts',
  'shared/registro/base/mudanza.ts',
];

/** String literals that begin as a sentence in Spanish; what is filled in stands as a word. */
const messages = FILES.flatMap((file) => [
  ...readFileSync(file, 'utf8').matchAll(/(['`])((?:Faltan?|La|El|Los|Las|Lo) (?:(?!\1)[^\n])*)\1/g),
]).map(([, , text = '']) => text.replaceAll(/\$\{[^}]*\}/g, 'X'));

const page = readFileSync('docs/operacion.md', 'utf8');
const [, section = ''] = page.split('\n## Bitácora\n');
const [chapter = ''] = section.split('\n## ');
const rows = [...chapter.matchAll(/^\| (`.*?`) +\|/gm)].flatMap(([, cell = '']) =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, words = '']) => words),
);
const patterns = rows.map((words) => new RegExp(`^${words.split('…').map(escaped).join('.*')}`));

function escaped(text: string): string {
  return text.trim().replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

test('docs/operacion.md has a row for each finding', () => {
  expect(messages.length).toBeGreaterThan(35);
  expect(messages.filter((message) => !patterns.some((pattern) => pattern.test(message)))).toEqual([]);
});

test('docs/operacion.md has no row for a finding that nobody makes', () => {
  const ofFindings = patterns.filter((_, i) => /^(Faltan?|La|El|Los|Las|Lo) /.test(rows[i] ?? ''));

  expect(ofFindings.length).toBeGreaterThan(20);
  expect(ofFindings.filter((pattern) => !messages.some((message) => pattern.test(message)))).toEqual([]);
});
