import { readFileSync } from 'node:fs';
import { leerConfiguracion } from '../../shared/runtime/config.ts';

const page = readFileSync('docs/configuration.md', 'utf8');
const rows = new Map(
  [...page.matchAll(/^\| `([A-Z_]+)` *\| *(?:`([^`]*)`)? *\| (.+) \|$/gm)].map(
    ([, name = '', value, meaning]) => [name, { value, meaning }],
  ),
);

// A member of a section's object; the file names them nowhere else at this depth.
const source = readFileSync('shared/runtime/config.ts', 'utf8');
const declared = new Set([...source.matchAll(/^ {2}([A-Z][A-Z0-9_]+): /gm)].map(([, name]) => name));

test('names every variable that the configuration reads, and no other', () => {
  expect(declared.size).toBeGreaterThan(20);
  expect([...rows.keys()].sort()).toEqual([...declared].sort());
});

test('gives the default that is in force when nothing is set', () => {
  const required = {
    OIDC_ISSUER: 'http://issuer.example',
    PKI_ADAPTER_URL: 'http://adapter.example',
    PKI_TRUST_ANCHORS: 'anchors.pem',
  };
  const sections = leerConfiguracion(
    ['comun', 'claves', 'motor', 'api', 'worker', 'simulador', 'emisorOidc', 'inicio', 'cliente'],
    required,
  );
  const inForce = new Map(
    Object.values(sections)
      .flatMap((section) => Object.entries(section))
      .filter(([name]) => !(name in required))
      .map(([name, value]) => [name, String(value)]),
  );

  const written = new Map(
    [...rows].flatMap(([name, { value }]) => (value === undefined ? [] : [[name, value]])),
  );
  expect(Object.fromEntries([...written].sort())).toEqual(Object.fromEntries([...inForce].sort()));
});
