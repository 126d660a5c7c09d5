import { globSync, readFileSync } from 'node:fs';
import { FALLOS, type NombreDeFallo } from '../support/api/fallos.ts';

const page = readFileSync('docs/operacion.md', 'utf8');
const [, section = ''] = page.split('\n## Tabla de fallos\n');
const [table = ''] = section.split('\n## ');
const explained = [...table.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, tipo = '']) => tipo);

/** Answered before anything is started: no operator meets them. */
const ONLY_OF_THE_API: NombreDeFallo[] = [
  'VALIDACION',
  'TOKEN_INVALIDO',
  'SIN_PERMISOS',
  'SOLICITUD_NO_ENCONTRADA',
  'RUTA_NO_ENCONTRADA',
  'METODO_NO_PERMITIDO',
  'TIEMPO_AGOTADO',
  'CABECERAS_EXCESIVAS',
  'SOLICITUD_EN_PROCESO',
];

test('docs/operacion.md explains each failure that an issuance may end with, and no other', () => {
  const reales = Object.keys(FALLOS).filter((tipo) => !ONLY_OF_THE_API.some((ajeno) => ajeno === tipo));
  expect(explained.sort()).toEqual(reales.sort());
});

const PRODUCT = ['activities', 'api', 'servicio', 'shared', 'worker'];

test('docs/operacion.md names the metrics that the code keeps', () => {
  const code = PRODUCT.flatMap((folder) => globSync(`${folder}/**/*.ts`))
    .map((file) => readFileSync(file, 'utf8'))
    .filter((text) => text.includes("from 'prom-client'"))
    .join();
  const kept = [...code.matchAll(/name: '(\w+)'/g)].map(([, name = '']) => name);
  const named = [...page.matchAll(/^\| `([a-z]+_[a-z_]+)`/gm)].map(([, name = '']) => name);
  expect(kept.length).toBeGreaterThan(4);
  expect(named.sort()).toEqual(kept.sort());
});
