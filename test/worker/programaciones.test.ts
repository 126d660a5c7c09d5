/** Which worker changes the Schedules, and when in the day their passes are made. */
import { jest } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Client } from '@temporalio/client';
import { Registry } from 'prom-client';
import { pino } from 'pino';
import { createTemporalClient } from '../../shared/runtime/temporal/conexion.ts';
import { DESPLIEGUE } from '../../worker/despliegue.ts';
import { RETENCION_A_LAS_MS } from '../../shared/emision/plazos.ts';
import { VERIFICACION_A_LAS_MS } from '../../worker/bitacora/dominio.ts';
import { mantenerProgramaciones, type Programacion } from '../../worker/programaciones.ts';
import { startWorkerService } from '../../worker/worker-service.ts';
import { CLAVES_DE_PRUEBA } from '../support/emision/claves-de-prueba.ts';
import { hasta } from '../support/hasta.ts';
import { callarAlSdk } from '../support/temporal/sdk-callado.ts';
import { temporalServer } from '../support/temporal/temporal-server.ts';

const DIA_MS = 86_400_000;
const PROGRAMACION: Programacion = {
  id: 'diaria',
  workflow: 'x',
  cola: 'mantenimiento',
  orden: {},
  cadaMs: DIA_MS,
  faseMs: 7 * 3_600_000,
  recuperacionMs: DIA_MS,
  resumen: '▸ prueba',
};

/** Lima is so much behind UTC, all year. */
const LIMA_MS = 5 * 3_600_000;

let temporal: TestWorkflowEnvironment;
let client: Client;
const detener: (() => unknown)[] = [];
beforeAll(async () => {
  callarAlSdk();
  temporal = await temporalServer();
  client = createTemporalClient(
    temporal.connection,
    { TEMPORAL_NAMESPACE: 'default' },
    CLAVES_DE_PRUEBA.cifrado,
  );
}, 120_000);
afterEach(async () => {
  for (const parar of detener.splice(0)) await parar();
  await client.schedule
    .getHandle(PROGRAMACION.id)
    .delete()
    .catch(() => undefined);
});
afterAll(() => temporal.teardown());

function mantener(
  version: string | null,
  opciones: Parameters<typeof mantenerProgramaciones>[4] = {},
  cambios: Partial<Programacion> = {},
) {
  const avisos: unknown[] = [];
  const logger = pino({ level: 'warn' }, { write: (linea) => void avisos.push(JSON.parse(linea)) });
  const programaciones = [{ ...PROGRAMACION, ...cambios }];
  const mantenidas = mantenerProgramaciones(client, programaciones, version, logger, opciones);
  detener.push(() => mantenidas.detener());
  return { ...mantenidas, avisos };
}
const intervalo = async () =>
  (await client.schedule.getHandle(PROGRAMACION.id).describe()).spec.intervals?.[0];
const cada = async () => (await intervalo().catch(() => null))?.every ?? null;

it.each([RETENCION_A_LAS_MS, VERIFICACION_A_LAS_MS])(
  'a daily pass is made in Lima’s night: %i ms by UTC',
  (faseMs) => {
    const enLimaMs = (faseMs - LIMA_MS + DIA_MS) % DIA_MS;

    expect(enLimaMs).toBeLessThan(5 * 3_600_000);
  },
);

it('a pass is made at its hour of the day', async () => {
  await mantener(null).primera;

  expect(await intervalo()).toEqual({ every: DIA_MS, offset: 7 * 3_600_000 });
  const [proxima] = (await client.schedule.getHandle(PROGRAMACION.id).describe()).info.nextActionTimes;
  expect(proxima?.toISOString()).toMatch(/T07:00:00/);
});

it('a worker whose version is not the current one leaves the Schedules alone, until it is', async () => {
  let actual: { version: string | null; desde: string } = { version: null, desde: '' };
  const opciones = { leerVersionActual: () => Promise.resolve(actual), entrePreguntasMs: 50 };
  await mantener('v2', opciones).primera;
  expect(await cada()).toBeNull();

  actual = { version: 'v2', desde: '1' };
  await hasta('its Schedule', async () => (await cada()) === DIA_MS);
});

it('a release that is taken back takes its Schedules back', async () => {
  let actual = { version: 'v1', desde: '1' };
  const opciones = { leerVersionActual: () => Promise.resolve(actual), entrePreguntasMs: 50 };
  await mantener('v1', opciones, { cadaMs: 60_000, faseMs: 0 }).primera;
  await mantener('v2', opciones).primera;
  expect(await cada()).toBe(60_000);

  actual = { version: 'v2', desde: '2' };
  await hasta('those of v2', async () => (await cada()) === DIA_MS);
  actual = { version: 'v1', desde: '3' };
  await hasta('those of v1', async () => (await cada()) === 60_000);
});

it('also where the version that takes them back never saw that it was another’s turn', async () => {
  let deV1 = { version: 'v1', desde: '1' };
  const leerDeV1 = { leerVersionActual: () => Promise.resolve(deV1), entrePreguntasMs: 50 };
  await mantener('v1', leerDeV1, { cadaMs: 60_000, faseMs: 0 }).primera;
  await mantener('v2', { leerVersionActual: () => Promise.resolve({ version: 'v2', desde: '2' }) }).primera;
  expect(await cada()).toBe(DIA_MS);

  deV1 = { version: 'v1', desde: '3' };
  await hasta('those of v1', async () => (await cada()) === 60_000);
});

it.each([null, 'v1'])(
  'one that Temporal does not take at once is made at a later look (version: %s)',
  async (version) => {
    const crear = jest
      .spyOn(client.schedule, 'create')
      .mockRejectedValueOnce(new Error('RESOURCE_EXHAUSTED'));
    detener.push(() => {
      crear.mockRestore();
    });
    const actual = { version, desde: '1' };
    const opciones = { leerVersionActual: () => Promise.resolve(actual), entrePreguntasMs: 50 };
    const { primera, avisos } = mantener(version, opciones);
    await primera;
    expect(avisos).toEqual([expect.objectContaining({ programacion: PROGRAMACION.id })]);

    await hasta('its Schedule', async () => (await cada()) === DIA_MS);
  },
);

it('where Temporal does not tell which version is current, they stay, and the worker says so', async () => {
  const opciones = { leerVersionActual: () => Promise.reject(new Error('UNAVAILABLE')) };
  const { primera, avisos } = mantener('v1', opciones);
  await primera;

  expect(await cada()).toBeNull();
  expect(avisos).toEqual([
    expect.objectContaining({ msg: expect.stringContaining('stay as they are') as string }),
  ]);
});

it('the current version is the one that Temporal gives new runs to', async () => {
  const servicio = await startWorkerService({
    connection: temporal.nativeConnection,
    namespace: 'default',
    cifrado: CLAVES_DE_PRUEBA.cifrado,
    coleccionDeMetricas: new Registry(),
    colas: [{ nombre: 'mantenimiento', simultaneas: 1, paradaMs: 0, actividades: { nada: () => 0 } }],
    version: 'v3',
  });
  detener.push(() => servicio.detener());
  await mantener('v3', { entrePreguntasMs: 100 }).primera;
  expect(await cada()).toBeNull();

  // Until Temporal knows the version and all of its queues, it refuses.
  const hacerActual = (buildId: string) =>
    hasta(`${buildId || 'none'} to be current`, () =>
      client.workflowService
        .setWorkerDeploymentCurrentVersion({ namespace: 'default', deploymentName: DESPLIEGUE, buildId })
        .then(
          () => true,
          () => false,
        ),
    );
  await hacerActual('v3');
  await hasta('its Schedule', async () => (await cada()) === DIA_MS);

  // Its turn ends, its Schedule is another's, and its turn comes again.
  await hacerActual('');
  await client.schedule.getHandle(PROGRAMACION.id).update(({ spec, ...resto }) => ({
    ...resto,
    spec: { ...spec, intervals: [{ every: 60_000, offset: 0 }] },
  }));
  await hacerActual('v3');
  await hasta('its Schedule again', async () => (await cada()) === DIA_MS);
}, 60_000);
