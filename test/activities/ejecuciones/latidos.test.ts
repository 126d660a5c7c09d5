/** What an attempt of maintenance is told of the one before it: Temporal may bring anything there. */
import { Context } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { avanceAnterior, latir } from '../../../activities/ejecuciones/latidos.ts';
import { CALLADO } from '../../support/temporal/sdk-callado.ts';

const PROPIA = { workflowExecution: { workflowId: 'mantenimiento/x', runId: 'run-1' }, activityType: 'una' };
const AVANCE = { hechas: ['solicitudes'] };

function entornoCon(info: object): MockActivityEnvironment {
  return new MockActivityEnvironment({ ...PROPIA, ...info }, { logger: CALLADO });
}

/** The beat that an attempt leaves, as the next one is handed it. */
async function latidoDe(info: object): Promise<unknown> {
  const entorno = entornoCon(info);
  let latido: unknown;
  entorno.on('heartbeat', (detalles: unknown) => (latido = detalles));
  await entorno.run(() => {
    latir(Context.current(), AVANCE);
    return Promise.resolve();
  });
  return JSON.parse(JSON.stringify(latido));
}

const leido = (heartbeatDetails: unknown) =>
  entornoCon({ heartbeatDetails }).run(() => Promise.resolve(avanceAnterior(Context.current())));

it('an attempt goes on from the last beat where that is of this activity in this run', async () => {
  expect(await leido(await latidoDe({}))).toEqual(AVANCE);
});

it.each<[string, object]>([
  ['an earlier run of the same id', { workflowExecution: { workflowId: 'mantenimiento/x', runId: 'run-0' } }],
  ['another activity of the run', { activityType: 'otra' }],
])('an attempt begins from the start after the beat of %s', async (_nombre, info) => {
  expect(await leido(await latidoDe(info))).toBeUndefined();
});

it.each([
  { cargaRechazada: 'SIN_SELLO' },
  { cargaRechazada: 'DE_OTRO_LUGAR' },
  null,
  undefined,
  'text',
  7,
  // Of the version before.
  { hechas: [], empezada: null },
])('an attempt begins from the start where the beat is none (%j)', async (detalles) => {
  expect(await leido(detalles)).toBeUndefined();
});
