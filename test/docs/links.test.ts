import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const FOLDERS = readdirSync('.').filter((name) => statSync(name).isDirectory());
const pages = [
  ...readdirSync('.').filter((name) => name.endsWith('.md')),
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

function targets(page: string): string[] {
  return [...readFileSync(page, 'utf8').matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
}

/** Paths in code spans that begin with a folder of the project: `servicio/servicio-completo.ts`, not `emision/<codigo>`. */
function namedPaths(page: string): string[] {
  const text = readFileSync(page, 'utf8').replace(/^```[\s\S]*?^```$/gm, '');
  return [...text.matchAll(/`([\w.-]+\/[\w./-]*\w)`/g)]
    .map(([, path = '']) => path)
    .filter((path) => FOLDERS.includes(path.split('/')[0] ?? ''));
}

/** The anchor that a heading gets on GitHub. */
function anchors(page: string): string[] {
  return [...readFileSync(page, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

test('the pages are found, those of the decisions too', () => {
  expect(pages).toEqual(expect.arrayContaining(['README.md', 'docs/operacion.md']));
  expect(pages.filter((page) => page.startsWith('docs/adr/')).length).toBeGreaterThan(10);
});

test.each(pages)('%s links to files and headings that exist', (page) => {
  const missing = targets(page)
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => {
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? page : normalize(join(dirname(page), decodeURIComponent(path)));
      return !existsSync(file) || (anchor !== undefined && !anchors(file).includes(anchor));
    });
  expect(missing).toEqual([]);
});

/** A file that a person makes; the domain that CONTRIBUTING.md takes as its example; the form of a decision's name. */
const MAY_BE_ABSENT = /^deploy\/\.env$|\/custodia$|\/NNNN-/;

test.each(pages)('%s names paths that exist', (page) => {
  const missing = namedPaths(page).filter((path) => !existsSync(path) && !MAY_BE_ABSENT.test(path));
  expect(missing).toEqual([]);
});
