import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Registry } from 'prom-client';
import {
  COLA_EMISION,
  COLAS_DE_LA_PKI,
  PASOS,
  WORKFLOW_EMISION,
  workflowId as workflowIdDe,
} from '../../shared/emision/contrato.ts';
import { LLAMADAS_SIMULTANEAS } from '../../shared/emision/plazos.ts';
import { createTemporalClient } from '../../shared/runtime/temporal/conexion.ts';
import { startWorkerService, type WorkerService } from '../../worker/worker-service.ts';
import { FakeActividades } from '../support/emision/fake-actividades.ts';
import { CLAVES_DE_PRUEBA } from '../support/emision/claves-de-prueba.ts';
import { PASO_1 } from '../support/registro/fake-registro.ts';
import { temporalServer } from '../support/temporal/temporal-server.ts';
import { entradaDePrueba } from '../support/emision/entrada-de-prueba.ts';
import { contarAjenos, enClaro, Falsario, pedirActividad } from '../support/temporal/falsario.ts';
import { hasta } from '../support/hasta.ts';
import { callarAlSdk } from '../support/temporal/sdk-callado.ts';

let metricas: Registry;
/** What each issuance's first step is answered by. */
let responder: () => Promise<typeof PASO_1>;
const actividades = new FakeActividades({ generarNumerosSolicitud: () => responder() });
/** The gate of the PKI's queues: as many as the test says. */
const compuerta = {
  admitidas: Infinity,
  avisos: [] as (() => void)[],
  poner(admitidas: number) {
    this.admitidas = admitidas;
    for (const avisar of this.avisos) avisar();
  },
};
const deLaPki = {
  admite: () => compuerta.admitidas,
  alAdmitirMas: (avisar: () => void) => void compuerta.avisos.push(avisar),
};
let temporal: TestWorkflowEnvironment;
let servicio: WorkerService | undefined;

beforeAll(async () => {
  callarAlSdk();
  temporal = await temporalServer();
}, 120_000);
afterEach(async () => {
  await servicio?.detener();
});
afterAll(() => temporal.teardown());

async function arrancar(): Promise<void> {
  metricas = new Registry();
  const cola = { simultaneas: LLAMADAS_SIMULTANEAS, paradaMs: 15_000, actividades: actividades.todas() };
  servicio = await startWorkerService({
    connection: temporal.nativeConnection,
    namespace: 'default',
    cifrado: CLAVES_DE_PRUEBA.cifrado,
    coleccionDeMetricas: metricas,
    colas: [
      { ...cola, nombre: COLA_EMISION },
      ...PASOS.map((paso) => ({
        ...cola,
        nombre: COLAS_DE_LA_PKI[paso],
        compuerta: deLaPki,
        porSegundo: 1_000,
      })),
    ],
  });
}

function iniciar(codigo: string) {
  const { connection } = temporal;
  const client = createTemporalClient(
    connection,
    { TEMPORAL_NAMESPACE: 'default' },
    CLAVES_DE_PRUEBA.cifrado,
  );
  return client.workflow.start(WORKFLOW_EMISION, {
    workflowId: workflowIdDe(codigo),
    taskQueue: COLA_EMISION,
    args: [entradaDePrueba(codigo)],
  });
}

/** Until its call to the PKI waits in Temporal. */
async function empezada(codigo: string) {
  const handle = await iniciar(codigo);
  await hasta(`${codigo} to wait for its activity`, async () =>
    Boolean((await handle.describe()).raw.pendingActivities?.length),
  );
  return handle;
}

it('a worker makes so many calls to the PKI at once, and leaves those beyond in Temporal until one is done', async () => {
  let llamadas = 0;
  const puerta = Promise.withResolvers<typeof PASO_1>();
  const lleno = Promise.withResolvers<undefined>();
  responder = () => {
    llamadas += 1;
    if (llamadas === LLAMADAS_SIMULTANEAS) lleno.resolve(undefined);
    return puerta.promise;
  };
  await arrancar();

  const codigos = Array.from({ length: LLAMADAS_SIMULTANEAS }, (_, i) => `SOL-${i}`);
  const primeras = await Promise.all(codigos.map(iniciar));
  await lleno.promise;
  // Once the second has come as far as Temporal, a worker with room would have taken the first.
  const otras = [await empezada('SOL-OTRA-1'), await empezada('SOL-OTRA-2')];
  expect(llamadas).toBe(LLAMADAS_SIMULTANEAS);

  puerta.resolve(PASO_1);
  await Promise.all([...primeras, ...otras].map((handle) => handle.result()));
  expect(llamadas).toBe(LLAMADAS_SIMULTANEAS + otras.length);
}, 60_000);

it('a worker takes no call that its gate does not admit: it waits in Temporal, unattempted, and costs nothing', async () => {
  let llamadas = 0;
  const sonda = Promise.withResolvers<typeof PASO_1>();
  responder = () => {
    llamadas += 1;
    // As a circuit that is probed.
    compuerta.poner(0);
    return sonda.promise;
  };
  compuerta.poner(0);
  await arrancar();

  const handles = await Promise.all(['SOL-R-1', 'SOL-R-2', 'SOL-R-3'].map(empezada));
  const intentos = async () =>
    Promise.all(handles.map(async (handle) => (await handle.describe()).raw.pendingActivities?.[0]?.attempt));
  expect([llamadas, await intentos()]).toEqual([0, [1, 1, 1]]);

  compuerta.poner(1);
  await hasta('one to be called', () => llamadas > 0);
  // Had another been taken, it would have come as far as this one.
  await empezada('SOL-R-4');
  expect([llamadas, await intentos()]).toEqual([1, [1, 1, 1]]);

  responder = () => Promise.resolve(PASO_1);
  compuerta.poner(Infinity);
  sonda.resolve(PASO_1);
  await Promise.all([...handles, await iniciar('SOL-R-5')].map((handle) => handle.result()));
  expect(llamadas).toBe(1);
}, 60_000);

it('a worker whose gate admits nothing stops at once', async () => {
  compuerta.poner(0);
  await arrancar();

  await expect(servicio?.detener()).resolves.toBeUndefined();
  compuerta.poner(Infinity);
}, 10_000);

it('a worker counts what somebody else starts, and what he asks of its activities', async () => {
  await arrancar();
  const falsario = new Falsario(temporal.connection);
  const [workflowId, cola] = [workflowIdDe('SOL-AJENA'), 'falsario'];

  const contadas = await contarAjenos(metricas, 'EJECUCION_AJENA', async () => {
    await falsario.iniciar({ workflowId, tipo: WORKFLOW_EMISION, cola: COLA_EMISION, payloads: enClaro({}) });
    await falsario.iniciar({ workflowId: 'falso', tipo: 'x', cola, payloads: [] });
    const responder = await falsario.tomarTarea(cola);
    await responder(pedirActividad('registrarSolicitud', COLA_EMISION, enClaro({})));
    // The activity's end gives his queue its next task.
    await falsario.tomarTarea(cola);
    await expect(temporal.client.workflow.getHandle(workflowId).result()).rejects.toThrow();
  });

  expect(contadas).toBe(2);
}, 60_000);
