/** The pass of reconciliation and its Schedule, on Temporal's own server; the activities are the test's. */
import { Client, Connection } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { conSuEjecucion } from '../../../activities/ejecuciones/su-ejecucion.ts';
import { COLA_MANTENIMIENTO } from '../../../shared/nucleo/ejecuciones/colas.ts';
import {
  PROGRAMACIONES,
  WORKFLOW_CONCILIACION,
  type ActividadesDeConciliacion,
  type Recuento,
} from '../../../shared/emision/mantenimiento.ts';
import { createDataConverter } from '../../../shared/runtime/temporal/codec.ts';
import { createLogger } from '../../../shared/runtime/logger.ts';
import { asegurarProgramaciones, type Programacion } from '../../../worker/programaciones.ts';
import { CLAVES_DE_PRUEBA } from '../../support/emision/claves-de-prueba.ts';
import { hasta } from '../../support/hasta.ts';
import { temporalServer } from '../../support/temporal/temporal-server.ts';
import { completarCon, enClaro, Falsario } from '../../support/temporal/falsario.ts';
import { abrirEntorno, SIN_MEMORIA } from '../../support/temporal/entorno-de-prueba.ts';

const dataConverter = createDataConverter(CLAVES_DE_PRUEBA.cifrado);
const logger = createLogger('prueba');
logger.level = 'silent';

const PROGRAMACION: Programacion = {
  id: PROGRAMACIONES.conciliacion,
  workflow: WORKFLOW_CONCILIACION,
  cola: COLA_MANTENIMIENTO,
  orden: { forzar: false },
  cadaMs: 3_600_000,
  recuperacionMs: 10_000,
  resumen: '▸ prueba',
};
const UNA: Recuento = { revisadas: 1, interrumpidas: 0, reconstruidas: 0, sinConciliar: 0, diferencias: [] };

let entorno: TestWorkflowEnvironment;
let client: Client;
let arrancar: () => Promise<void>;
let parar: () => Promise<void>;
const pedidos: { actividad: string; argumentos: unknown[] }[] = [];

beforeAll(async () => {
  const [abierto, workflowBundle] = await abrirEntorno(() => temporalServer());
  entorno = abierto;
  client = new Client({ connection: entorno.connection, dataConverter });
  const anotar = <T>(actividad: string, argumentos: unknown[], respuesta: T) => {
    pedidos.push({ actividad, argumentos });
    return Promise.resolve(respuesta);
  };
  const activities: ActividadesDeConciliacion = {
    desdeCuando: (anterior) => anotar('desdeCuando', [anterior], anterior?.inicio ?? null),
    conciliarEnProceso: () => anotar('conciliarEnProceso', [], UNA),
    conciliarEjecuciones: (desde) => anotar('conciliarEjecuciones', [desde], UNA),
    informar: (inicio, recuentos) =>
      anotar('informar', [inicio, recuentos], {
        ...UNA,
        candados: 0,
        candadoMasAntiguo: null,
        inciertas: 0,
        inciertaMasAntigua: null,
        sinRazon: [],
        inicio,
        testigo: 'anotacion-1',
      }),
  };
  arrancar = async () => {
    const worker = await Worker.create({
      connection: entorno.nativeConnection,
      taskQueue: COLA_MANTENIMIENTO,
      workflowBundle,
      activities: conSuEjecucion(activities),
      dataConverter,
      ...SIN_MEMORIA,
    });
    const fin = worker.run();
    parar = () => {
      worker.shutdown();
      return fin;
    };
  };
  await arrancar();
}, 120_000);

afterAll(async () => {
  await parar();
  await entorno.teardown();
});

const handle = () => client.schedule.getHandle(PROGRAMACION.id);

/** The server's list lags behind a little. */
function listadas(): Promise<string[]> {
  return hasta('the Schedule to be listed', async () => {
    const ids: string[] = [];
    for await (const { scheduleId } of client.schedule.list()) ids.push(scheduleId);
    return ids.length > 0 && ids;
  });
}

async function pasadas(cuantas: number): Promise<void> {
  await hasta(
    `${cuantas} passes`,
    () => pedidos.filter(({ actividad }) => actividad === 'informar').length >= cuantas,
  );
}

/** One pass of the Schedule, to its end. */
async function pasar(): Promise<void> {
  const hechas = pedidos.filter(({ actividad }) => actividad === 'informar').length;
  await handle().trigger('SKIP');
  await pasadas(hechas + 1);
  await terminada();
}

/** The Schedule hears of the end of its run a moment after the run itself. */
async function terminada(): Promise<void> {
  await hasta(
    'the Schedule to hear of the end of its run',
    async () => (await handle().describe()).info.runningActions.length === 0,
  );
}

const deLaActividad = (nombre: string) =>
  pedidos.filter(({ actividad }) => actividad === nombre).map(({ argumentos }) => argumentos);

it('several workers that start at once make the Schedule once', async () => {
  await Promise.all([1, 2, 3].map(() => asegurarProgramaciones(client, [PROGRAMACION], logger)));

  expect(await listadas()).toEqual([PROGRAMACION.id]);
  const { spec, policies, action } = await handle().describe();
  expect(spec.intervals).toEqual([expect.objectContaining({ every: 3_600_000 })]);
  expect(policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 10_000 });
  expect(action).toMatchObject({ workflowType: WORKFLOW_CONCILIACION, taskQueue: COLA_MANTENIMIENTO });
});

it('a worker takes over a changed interval, and leaves a pause as the operator made it', async () => {
  await handle().pause('mantenimiento de la PKI');

  await asegurarProgramaciones(client, [{ ...PROGRAMACION, cadaMs: 7_200_000 }], logger);

  const { spec, state } = await handle().describe();
  expect(spec.intervals).toEqual([expect.objectContaining({ every: 7_200_000 })]);
  expect(state).toMatchObject({ paused: true, note: 'mantenimiento de la PKI' });
  await handle().unpause();
});

it('a Temporal that does not answer keeps no worker from starting', async () => {
  const sinTemporal = new Client({ connection: Connection.lazy({ address: '127.0.0.1:1' }) });

  await expect(asegurarProgramaciones(sinTemporal, [PROGRAMACION], logger)).resolves.toBe(false);
});

it('a pass goes on from the start of the Schedule’s last one', async () => {
  await asegurarProgramaciones(client, [PROGRAMACION], logger);
  await pasar();
  await pasar();

  const [inicio] = deLaActividad('informar')[0] as [string];
  expect(deLaActividad('desdeCuando')).toEqual([[null], [{ inicio, testigo: 'anotacion-1' }]]);
  expect(deLaActividad('conciliarEjecuciones')).toEqual([[null], [inicio]]);
  expect(deLaActividad('informar')[1]?.[1]).toEqual([UNA, UNA]);
});

it('a pass looks at everything where somebody else ended the last pass with a report of his own', async () => {
  await parar();
  await handle().trigger('SKIP');
  const responder = await new Falsario(entorno.connection).tomarTarea(COLA_MANTENIMIENTO);
  await responder(completarCon(enClaro({ ...UNA, inicio: '2199-01-01T00:00:00Z', testigo: null })));
  await terminada();
  await arrancar();

  await pasar();

  expect(deLaActividad('desdeCuando').at(-1)).toEqual([null]);
});

describe('a Schedule that the version before made, whose runs carry nothing', () => {
  const id = 'de-antes';
  const programacion = { ...PROGRAMACION, id };
  const deAntes = () => client.schedule.getHandle(id);
  const estado = async () => {
    const { recentActions, runningActions } = (await deAntes().describe()).info;
    const [run] = [...runningActions, ...recentActions.map(({ action }) => action)];
    return run ? (await client.workflow.getHandle(run.workflow.workflowId).describe()).status.name : '';
  };

  beforeAll(() =>
    client.schedule.create({
      scheduleId: id,
      spec: { intervals: [{ every: PROGRAMACION.cadaMs }] },
      policies: { overlap: 'SKIP' },
      action: {
        type: 'startWorkflow',
        workflowType: PROGRAMACION.workflow,
        workflowId: id,
        taskQueue: PROGRAMACION.cola,
        args: [],
      },
    }),
  );
  afterAll(() => deAntes().delete());

  it('begins runs that are refused', async () => {
    await deAntes().trigger('SKIP');
    await hasta('its run to fail', async () => (await estado()) === 'FAILED');

    expect((await deAntes().describe()).action.args).toEqual([]);
  });

  it('begins runs that pass once a worker of this version has started', async () => {
    await asegurarProgramaciones(client, [programacion], logger);

    const hechas = deLaActividad('informar').length;
    await deAntes().trigger('SKIP');
    await pasadas(hechas + 1);

    expect((await deAntes().describe()).action.args).toEqual([PROGRAMACION.orden]);
  });
});
