import { globSync, readFileSync } from 'node:fs';
import { FALLOS, type NombreDeFallo } from '../support/api/fallos.ts';
import { AQUI, EN_OTRA_PRUEBA, SIN_PRUEBA, comandosDe } from './comandos-de-operacion.ts';

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

describe('the runbook by symptom', () => {
  const [, porSintoma = ''] = page.split('\n## Por síntoma\n');
  const [texto = ''] = porSintoma.split('\n## ');
  const sintomas = texto.split(/^### /m).slice(1);

  test('begins with the words that are seen, and has six steps at most', () => {
    expect(sintomas.length).toBeGreaterThan(10);
    for (const sintoma of sintomas) {
      const pasos = [...sintoma.matchAll(/^(\d)\. /gm)].map(([, numero]) => Number(numero));
      expect([sintoma.split('\n')[0], pasos]).toEqual([expect.any(String), pasos.map((_paso, i) => i + 1)]);
      expect(pasos.length).toBeGreaterThan(0);
      expect(pasos.length).toBeLessThanOrEqual(6);
    }
  });

  test('has every error.tipo with which an issuance may end or be refused', () => {
    const titulos = sintomas.map((sintoma) => sintoma.split('\n')[0]).join('\n');
    const deEmision = Object.values(FALLOS).filter(
      ({ nombre }) => !ONLY_OF_THE_API.some((ajeno) => ajeno === nombre),
    );
    expect(deEmision.map(({ tipo }) => tipo).filter((tipo) => !titulos.includes(`\`${tipo}\``))).toEqual([]);
  });

  test('tells apart, by its words, each failure that is answered as ERROR_INTERNO', () => {
    const plano = texto.replace(/\s+/g, ' ');
    const internos = Object.values(FALLOS).filter(({ tipo }) => tipo === 'ERROR_INTERNO');
    expect(internos.length).toBeGreaterThan(4);
    expect(internos.map(({ titulo }) => titulo).filter((titulo) => !plano.includes(`«${titulo}»`))).toEqual(
      [],
    );
  });
});

const PRODUCT = ['activities', 'api', 'servicio', 'shared', 'worker'];

test('docs/operacion.md names the metrics that the code keeps', () => {
  const code = PRODUCT.flatMap((folder) => globSync(`${folder}/**/*.ts`))
    .map((file) => readFileSync(file, 'utf8'))
    .filter((text) => text.includes("from 'prom-client'"))
    .join();
  const kept = [...code.matchAll(/name: '(\w+)'/g)].map(([, name = '']) => name);
  // Of Temporal's SDK and of Node it has those that the dashboards show.
  const ofOthers = /^(process_|nodejs_|temporal_(?!foreign_|queue_))/;
  const named = [...page.matchAll(/^\| `([a-z]+_[a-z_]+)`/gm)]
    .map(([, name = '']) => name)
    .filter((name) => !ofOthers.test(name));
  expect(kept.length).toBeGreaterThan(4);
  expect(named.sort()).toEqual(kept.sort());
});

describe('the commands of docs/operacion.md', () => {
  const conocidos = [...Object.values(AQUI), ...Object.keys(EN_OTRA_PRUEBA), ...Object.keys(SIN_PRUEBA)];

  test('are all run by a test, or it is said why not', () => {
    const nombres = comandosDe(page).map(({ nombre }) => nombre);
    expect([...new Set(nombres)].sort()).toEqual([...conocidos].sort());
  });

  test.each(Object.entries(EN_OTRA_PRUEBA))(
    '%s is run by the test that is named',
    (_, [archivo, palabras]) => {
      expect(readFileSync(archivo, 'utf8')).toContain(palabras);
    },
  );

  test.each([
    ['in a block', '```sh\nnpm run a   # b\n```\n', ['npm run a']],
    ['in a block within a list', '- a\n\n  ```sh\n  npm run a\n  ```\n', ['npm run a']],
    ['over several lines', '```sh\nnpm run \\\n  a\nnpm run b\n```\n', ['npm run a', 'npm run b']],
    [
      'with lines and marks in quotes',
      '```sh\ncurl -d \'{\n #1}\' "# $(x)"\n```\n',
      ['curl -d \'{ #1}\' "# $(x)"'],
    ],
    ['in the text', 'Con `npm run\na`, no con `npm run` ni `temporal/`.', ['npm run a']],
  ])('are found %s', (_, pagina, nombres) => {
    expect(comandosDe(pagina).map(({ nombre }) => nombre)).toEqual(nombres);
  });
});
