/** The dashboards' queries, answered by Prometheus itself over the whole system: each understands, and shows, what it should. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { stringify } from 'yaml';
import { TABLEROS } from '../../deploy/monitoring/tableros.ts';
import { pickFreePort } from '../../scripts/start/ports.ts';
import { solicitudDePrueba } from '../support/emision/solicitud-de-prueba.ts';
import { hasta } from '../support/hasta.ts';
import { temporaryFolder } from '../support/procesos/temporary-folder.ts';
import { Stack } from '../support/servidores/stack.ts';

jest.setTimeout(120_000);

/** Of what happens once a day, or where something is wrong: there is none of it here. */
const SIN_VALOR = [
  'retencion_',
  'audit_log_findings',
  'audit_log_verified_timestamp_seconds',
  'audit_log_witness_',
  'audit_log_contradictions_total',
  'http_rate_limited_total',
  'temporal_request_failure_total',
];

const CONSULTAS = TABLEROS.flatMap(({ filas }) =>
  Object.values(filas)
    .flat()
    .flatMap(({ consultas }) => consultas.map(([expr]) => expr)),
);

let stack: Stack;
let prometheus: ChildProcess;
let url: string;

beforeAll(async () => {
  stack = await Stack.start(
    { CONCILIACION_CADA_MS: '10000' },
    {
      conducta: ({ codigoSolicitudTramite: codigo }) =>
        codigo === 'SOL-EN-ESPERA' ? { outage: 'SERVICIO_NO_DISPONIBLE' } : {},
    },
  );
  await stack.arrancar('codec');
  await stack.emitir(solicitudDePrueba('SOL-1'));
  await stack.emitir(solicitudDePrueba('SOL-EN-ESPERA', '45678914'), undefined, {
    cabeceras: { Prefer: 'respond-async' },
  });
  ({ prometheus, url } = await startPrometheus(
    (['api', 'worker', 'codec'] as const).map((parte) => [parte, new URL(stack.url(parte)).host]),
  ));
}, 180_000);
afterAll(async () => {
  prometheus.kill('SIGKILL');
  await stack.stop();
});

async function startPrometheus(
  partes: [job: string, target: string][],
): Promise<{ prometheus: ChildProcess; url: string }> {
  const carpeta = temporaryFolder();
  const configuracion = join(carpeta, 'prometheus.yml');
  await writeFile(
    configuracion,
    stringify({
      global: { scrape_interval: '1s' },
      scrape_configs: partes.map(([job_name, target]) => ({
        job_name,
        static_configs: [{ targets: [target] }],
      })),
    }),
  );
  const direccion = `127.0.0.1:${await pickFreePort('127.0.0.1')}`;
  const proceso = spawn(
    'prometheus',
    [
      `--config.file=${configuracion}`,
      `--storage.tsdb.path=${join(carpeta, 'datos')}`,
      `--web.listen-address=${direccion}`,
    ],
    { stdio: 'ignore' },
  );
  await once(proceso, 'spawn');
  return { prometheus: proceso, url: `http://${direccion}` };
}

/** @returns its series; null where Prometheus does not understand it */
async function preguntar(expr: string): Promise<number | null> {
  const query = expr.replaceAll('$__rate_interval', '15s');
  const respuesta = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`);
  const { status, data } = (await respuesta.json()) as { status: string; data: { result: unknown[] } };
  return status === 'success' ? data.result.length : null;
}

test('Prometheus answers each query of the dashboards with something', async () => {
  await hasta(
    'Prometheus to have read all parts',
    async () => {
      const leidas = await preguntar('up == 1').catch(() => 0);
      return leidas === 3;
    },
    60_000,
  );
  const conValor = CONSULTAS.filter((expr) => !SIN_VALOR.some((nombre) => expr.includes(nombre)));
  expect(conValor.length).toBeGreaterThan(50);

  let sinRespuesta: string[] = [];
  await hasta(
    'each query to show something',
    async () => {
      const series = await Promise.all(
        conValor.map(async (expr) => ({ expr, series: await preguntar(expr) })),
      );
      sinRespuesta = series.filter((una) => !una.series).map(({ expr }) => expr);
      return sinRespuesta.length === 0;
    },
    60_000,
  ).catch(() => undefined);

  expect(sinRespuesta).toEqual([]);
});

test('the others it understands', async () => {
  const noEntendidas = await Promise.all(
    CONSULTAS.map(async (expr) => ((await preguntar(expr)) === null ? [expr] : [])),
  );
  expect(noEntendidas.flat()).toEqual([]);
});
