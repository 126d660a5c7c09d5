/** The alerts: each is tried, and leads to the runbook. That its tests hold, alertas.long.test.ts asks promtool. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const REGLAS = 'deploy/monitoring/alertas.yml';
const PRUEBAS = 'test/deploy/alertas.prueba.yml';

const { groups } = z
  .object({
    groups: z.array(
      z.object({
        rules: z.array(
          z.object({
            alert: z.string(),
            expr: z.string(),
            labels: z.object({ severidad: z.enum(['aviso', 'critica']) }),
            annotations: z.object({ summary: z.string(), runbook: z.string() }),
          }),
        ),
      }),
    ),
  })
  .parse(parse(readFileSync(REGLAS, 'utf8')));
const alertas = groups.flatMap(({ rules }) => rules);
const PAGINA = readFileSync('docs/operacion.md', 'utf8');

test('each alert has a test in which it fires, and one in which it is silent', () => {
  const { tests } = z
    .object({
      tests: z.array(
        z.object({
          name: z.string(),
          alert_rule_test: z.array(z.object({ alertname: z.string(), exp_alerts: z.array(z.unknown()) })),
        }),
      ),
    })
    .parse(parse(readFileSync(PRUEBAS, 'utf8')));
  const probadas = tests.flatMap(({ alert_rule_test: casos }) =>
    casos.map(
      ({ alertname, exp_alerts: esperadas }) =>
        `${alertname} ${esperadas.length > 0 ? 'fires' : 'is silent'}`,
    ),
  );

  expect(probadas.sort()).toEqual(
    alertas.flatMap(({ alert }) => [`${alert} fires`, `${alert} is silent`]).sort(),
  );
});

/** As GitHub makes the address of a heading. */
function anclaDe(titulo: string): string {
  return titulo
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-');
}

test('each alert leads to a section of the runbook', () => {
  const anclas = [...PAGINA.matchAll(/^#+ (.+)$/gm)].map(
    ([, titulo = '']) => `docs/operacion.md#${anclaDe(titulo)}`,
  );
  for (const { alert, annotations } of alertas)
    expect([alert, anclas]).toEqual([alert, expect.arrayContaining([annotations.runbook])]);
});

test('what an alert asks for is a metric that the runbook explains', () => {
  const explicadas = [...PAGINA.matchAll(/^\| `([a-z_0-9]+)` +\|/gm)].map(([, nombre]) => nombre);
  const pedidas = alertas.flatMap(({ expr }) => expr.match(/\b[a-z]+(_[a-z0-9]+)+\b/g) ?? []);
  const propias = pedidas.map((nombre) => nombre.replace(/_(count|sum|bucket)$/, ''));
  expect(propias.length).toBeGreaterThan(20);
  // Of Prometheus' client library.
  const deTodos = ['process_start_time_seconds', 'histogram_quantile', 'max_over_time'];
  expect(propias.filter((nombre) => ![...explicadas, ...deTodos].includes(nombre))).toEqual([]);
});
