import { conNombres, SECCIONES, variablesDe } from '../support/secciones.ts';
import { readFileSync } from 'node:fs';
import { leerConfiguracion } from '../../shared/runtime/config.ts';

const page = readFileSync('docs/configuration.md', 'utf8');
const rows = new Map(
  [...page.matchAll(/^\| `([A-Z_]+)` *\| *(?:`([^`]*)`)? *\| (.+) \|$/gm)].map(
    ([, name = '', value, meaning]) => [name, { value, meaning }],
  ),
);

const declared = variablesDe(SECCIONES);

test('docs/configuration.md names every variable that the configuration reads, and no other', () => {
  expect(declared.size).toBeGreaterThan(20);
  expect([...rows.keys()].sort()).toEqual([...declared].sort());
});

test('docs/configuration.md gives the default that is in force when nothing is set', () => {
  const required = {
    OIDC_ISSUER: 'http://issuer.example',
    PKI_ADAPTER_URL: 'http://adapter.example',
    PKI_TRUST_ANCHORS: 'anchors.pem',
  };
  const sections = leerConfiguracion(conNombres(SECCIONES), required) as Record<string, object>;
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
