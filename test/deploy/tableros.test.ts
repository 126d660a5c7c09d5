/** The dashboards: as their source makes them, each panel explained, of metrics that the runbook explains. */
import { readdirSync, readFileSync } from 'node:fs';
import { createTablero, TABLEROS } from '../../deploy/monitoring/tableros.ts';

const CARPETA = 'deploy/monitoring/tableros';
const PAGINA = readFileSync('docs/operacion.md', 'utf8');

test('the files are what their source makes', () => {
  expect(readdirSync(CARPETA).sort()).toEqual(TABLEROS.map(({ uid }) => `${uid}.json`).sort());
  for (const tablero of TABLEROS) {
    const archivo: unknown = JSON.parse(readFileSync(`${CARPETA}/${tablero.uid}.json`, 'utf8'));
    const hecho: unknown = JSON.parse(JSON.stringify(createTablero(tablero)));
    expect([tablero.uid, archivo]).toEqual([tablero.uid, hecho]);
  }
});

const PANELES = TABLEROS.flatMap(({ titulo, filas }) =>
  Object.values(filas)
    .flat()
    .map((panel) => ({ de: `${titulo}: ${panel.titulo}`, ...panel })),
);

test.each(PANELES)('$de says what it means, and its lines are told apart', ({ consultas, explica }) => {
  expect(explica).toMatch(/^\p{Lu}.{15,}\.$|^\d.{15,}\.$/u);
  for (const [expr, leyenda] of consultas) {
    const [, por = ''] = /by \(([^)]*)\)/.exec(expr) ?? [];
    const distinguen = por.split(', ').filter((etiqueta) => etiqueta !== '' && etiqueta !== 'le');
    expect([leyenda, distinguen.filter((etiqueta) => !leyenda.includes(`{{${etiqueta}}}`))]).toEqual([
      leyenda,
      [],
    ]);
  }
});

test('what a panel shows is a metric that the runbook explains', () => {
  const explicadas = [...PAGINA.matchAll(/^\| `([a-z_0-9]+)` +\|/gm)].map(([, nombre]) => nombre);
  const pedidas = PANELES.flatMap(({ consultas }) =>
    consultas.flatMap(
      ([expr]) => expr.replaceAll(/by \([^)]*\)/g, '').match(/\b[a-z]+(_[a-z0-9]+)+\b/g) ?? [],
    ),
  ).map((nombre) => nombre.replace(/_(count|sum|bucket)$/, ''));
  const metricas = new Set(
    pedidas.filter((nombre) => !['histogram_quantile', 'rate_interval'].includes(nombre)),
  );

  expect(metricas.size).toBeGreaterThan(40);
  expect([...metricas].filter((nombre) => !explicadas.includes(nombre))).toEqual([]);
});

test('a section that a panel names is one of the runbook', () => {
  const secciones = [...PAGINA.matchAll(/^#+ (.+)$/gm)].map(([, titulo]) => titulo);
  const nombradas = PANELES.flatMap(({ explica }) =>
    [...explica.matchAll(/«([^»]+)»/g)].map(([, nombre = '']) => nombre),
  );
  expect(nombradas.length).toBeGreaterThan(3);
  expect(nombradas.filter((nombre) => !secciones.includes(nombre) && nombre !== 'emision')).toEqual([]);
});
