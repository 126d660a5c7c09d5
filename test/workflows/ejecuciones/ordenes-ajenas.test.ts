/** Orders and passes of maintenance that nobody gave, and answers that are of other runs, on Temporal's own server. */
import type { WorkflowHandle } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { Registry } from 'prom-client';
import { conSuEjecucion } from '../../../activities/ejecuciones/su-ejecucion.ts';
import {
  WORKFLOW_ANOTACION,
  WORKFLOW_NUEVA_EPOCA,
  WORKFLOW_VERIFICACION,
} from '../../../shared/bitacora/contrato.ts';
import { COLA_EMISION, WORKFLOW_EMISION } from '../../../shared/emision/contrato.ts';
import { WORKFLOW_RECIFRADO } from '../../../shared/mantenimiento/recifrado.ts';
import { WORKFLOW_CONCILIACION, WORKFLOW_RETENCION } from '../../../shared/emision/mantenimiento.ts';
import { WORKFLOW_REEJECUCION } from '../../../shared/emision/reejecucion.ts';
import type { Ajeno } from '../../../shared/nucleo/ejecuciones/ajeno.ts';
import { workflowIdDeOrden } from '../../../shared/nucleo/ejecuciones/orden.ts';
import { createDataConverter } from '../../../shared/runtime/temporal/codec.ts';
import { vigilarAjenos } from '../../../worker/ajenos.ts';
import { createCodecAnterior } from '../../support/emision/codec-anterior.ts';
import { CLAVES_DE_PRUEBA } from '../../support/emision/claves-de-prueba.ts';
import { temporalServer } from '../../support/temporal/temporal-server.ts';
import { detenida } from '../../support/temporal/banco-de-emision.ts';
import { abrirEntorno, SIN_MEMORIA } from '../../support/temporal/entorno-de-prueba.ts';
import { contarAjenos, enClaro, Falsario, pedirActividad } from '../../support/temporal/falsario.ts';
import { hasta } from '../../support/hasta.ts';

const ORDEN = { claveActiva: 'prueba' };
const TABLAS = [{ tabla: 'solicitudes', revisadas: 3, recifradas: 3, ilegibles: {} }];

let entorno: TestWorkflowEnvironment;
let falsario: Falsario;
let parar: () => Promise<void>;
const metricas = new Registry();
/** Activities that began, by name; and what the next one of a name does. */
const llamadas: string[] = [];
const siguientes = new Map<string, () => unknown>();

const ACTIVIDADES = [
  'abrirEpoca',
  'anotar',
  'verificar',
  'retirarVencidos',
  'desdeCuando',
  'conciliarEnProceso',
  'conciliarEjecuciones',
  'informar',
  'recifrarTablas',
  'contarEjecuciones',
  'registrarReejecucion',
  'registrarFinDeReejecucion',
  'registrarSolicitud',
];

beforeAll(async () => {
  const [abierto, workflowBundle] = await abrirEntorno(() => temporalServer());
  entorno = abierto;
  falsario = new Falsario(entorno.connection);
  const activities = conSuEjecucion(
    Object.fromEntries(
      ACTIVIDADES.map((nombre) => [
        nombre,
        () => {
          llamadas.push(nombre);
          const hacer = siguientes.get(nombre);
          siguientes.delete(nombre);
          return Promise.resolve(hacer?.() ?? []);
        },
      ]),
    ),
  );
  const worker = await Worker.create({
    connection: entorno.nativeConnection,
    taskQueue: COLA_EMISION,
    workflowBundle,
    activities,
    dataConverter: createDataConverter(CLAVES_DE_PRUEBA.cifrado),
    ...SIN_MEMORIA,
    ...vigilarAjenos(metricas),
  });
  const fin = worker.run();
  parar = () => {
    worker.shutdown();
    return fin;
  };
}, 120_000);
afterAll(async () => {
  await parar();
  await entorno.teardown();
});
beforeEach(() => {
  llamadas.length = 0;
});

const contado = (tipo: Ajeno, mientras: () => Promise<unknown>) => contarAjenos(metricas, tipo, mientras);

const handleDe = (workflowId: string, runId?: string): WorkflowHandle =>
  entorno.client.workflow.getHandle(workflowId, runId);

async function pasosDe(handle: WorkflowHandle) {
  const { events = [] } = await handle.fetchHistory();
  return events ?? [];
}

/** Until the run waits for an activity that has begun; answers its id. */
function hastaQueEspere(handle: WorkflowHandle): Promise<string> {
  return hasta('an activity to begin', async () => {
    const { pendingActivities } = (await handle.describe()).raw;
    const [una] = pendingActivities ?? [];
    return una?.lastStartedTime && una.activityId;
  });
}

describe.each([
  WORKFLOW_EMISION,
  WORKFLOW_REEJECUCION,
  WORKFLOW_CONCILIACION,
  WORKFLOW_RETENCION,
  WORKFLOW_RECIFRADO,
  WORKFLOW_VERIFICACION,
  WORKFLOW_NUEVA_EPOCA,
  WORKFLOW_ANOTACION,
])('%s that somebody else starts', (tipo) => {
  it.each<[string, Payload[]]>([
    ['nothing', []],
    ['an empty object in clear', enClaro({})],
    ['a text as operators read them', enClaro('▸ Restauración')],
    ['a text in clear', enClaro('Restauración')],
  ])('with %s does nothing, ends, and is counted once', async (que, payloads) => {
    const workflowId = `falso/${tipo}/${que}`;

    const cuenta = await contado('EJECUCION_AJENA', async () => {
      await falsario.iniciar({ workflowId, tipo, cola: COLA_EMISION, payloads });
      await expect(handleDe(workflowId).result()).rejects.toMatchObject({
        cause: { type: 'EJECUCION_AJENA', nonRetryable: true },
      });
    });

    expect([llamadas, cuenta]).toEqual([[], 1]);
  });
});

describe('an activity that somebody else asks for, by a worker of his own', () => {
  it.each<[string, string, Payload[]]>([
    ['abrirEpoca', 'a text in clear', enClaro('any motive')],
    ['abrirEpoca', 'nothing', []],
    ['retirarVencidos', 'nothing', []],
    ['contarEjecuciones', 'null in clear', enClaro(null)],
  ])('%s, with %s, is refused for good and counted', async (actividad, que, payloads) => {
    const workflowId = `falso/${actividad}/${que}`;
    // A queue of its own: each end of an activity puts another task into it.
    await falsario.iniciar({ workflowId, tipo: 'x', cola: workflowId, payloads: [] });
    const responder = await falsario.tomarTarea(workflowId);

    const cuenta = await contado('EJECUCION_AJENA', async () => {
      await responder(pedirActividad(actividad, COLA_EMISION, payloads));
      const fallida = await hasta('the activity to fail', async () => {
        const pasos = await pasosDe(handleDe(workflowId));
        return pasos.find((una) => una.activityTaskFailedEventAttributes)?.activityTaskFailedEventAttributes;
      });
      expect(fallida.failure?.applicationFailureInfo).toEqual(
        expect.objectContaining({ type: 'EJECUCION_AJENA', nonRetryable: true }),
      );
    });

    expect([llamadas, cuenta]).toEqual([[], 1]);
  });
});

describe('an order that runs', () => {
  const workflowId = workflowIdDeOrden(WORKFLOW_RECIFRADO);
  const ordenar = () =>
    entorno.client.workflow.start(WORKFLOW_RECIFRADO, {
      workflowId,
      taskQueue: COLA_EMISION,
      args: [ORDEN],
    });

  it('says which run its report is of', async () => {
    siguientes.set('recifrarTablas', () => TABLAS);
    const handle = await ordenar();

    expect(await handle.result()).toEqual({
      runId: handle.firstExecutionRunId,
      de: WORKFLOW_RECIFRADO,
      respuesta: { tablas: TABLAS, enTemporal: [] },
    });
  });

  async function contestadoAntes(): Promise<Payload[][]> {
    const handle = await ordenar();
    await handle.result();
    return contestadoEn(handle);
  }

  /** What the activities of a run answered, as Temporal keeps it. */
  async function contestadoEn(handle: WorkflowHandle): Promise<Payload[][]> {
    return (await pasosDe(handle)).flatMap(({ activityTaskCompletedEventAttributes: una }) =>
      una ? [una.result?.payloads ?? []] : [],
    );
  }

  it.each<[string, () => Promise<Payload[]>]>([
    ['of an earlier run', async () => (await contestadoAntes())[0] ?? []],
    [
      'that names no run, as the version before sealed it',
      () => createCodecAnterior(CLAVES_DE_PRUEBA.cifrado).encode(enClaro(TABLAS)),
    ],
  ])('believes no answer %s, and counts it', async (_nombre, conseguir) => {
    const antes = await conseguir();
    llamadas.length = 0;
    const lenta = detenida<unknown>();
    siguientes.set('recifrarTablas', lenta.actividad);
    const handle = await ordenar();
    await lenta.llamada;

    const cuenta = await contado('RESULTADO_AJENO', async () => {
      await falsario.terminarActividad(workflowId, await hastaQueEspere(handle), antes);
      await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'RESULTADO_AJENO' } });
    });

    expect([llamadas, cuenta]).toEqual([['recifrarTablas'], 1]);
    lenta.seguir([]);
  });

  it('believes not what another of its activities answered', async () => {
    const lenta = detenida<unknown>();
    siguientes.set('contarEjecuciones', lenta.actividad);
    const handle = await ordenar();
    await lenta.llamada;
    const [deTablas = []] = await contestadoEn(handle);

    await falsario.terminarActividad(workflowId, await hastaQueEspere(handle), deTablas);

    await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'RESULTADO_AJENO' } });
    lenta.seguir([]);
  });

  it.each<[Ajeno, string, (handle: WorkflowHandle) => Promise<void>]>([
    [
      'RESULTADO_AJENO',
      'a result in clear',
      async (handle) => falsario.terminarActividad(workflowId, await hastaQueEspere(handle), enClaro(TABLAS)),
    ],
    [
      'FALLO_AJENO',
      'a failure in clear',
      async (handle) => falsario.fallarActividad(workflowId, await hastaQueEspere(handle)),
    ],
  ])('counts as %s %s, and ends', async (tipo, _nombre, falsear) => {
    const lenta = detenida<unknown>();
    siguientes.set('recifrarTablas', lenta.actividad);
    const handle = await ordenar();
    await lenta.llamada;

    const cuenta = await contado(tipo, async () => {
      await falsear(handle);
      await expect(handle.result()).rejects.toThrow();
    });

    expect([llamadas, cuenta]).toEqual([['recifrarTablas'], 1]);
    lenta.seguir([]);
  });
});
