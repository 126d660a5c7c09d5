import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import { Registry } from 'prom-client';
import { COLA_EMISION, WORKFLOW_EMISION, workflowId as workflowIdDe } from '../../shared/emision/contrato.ts';
import { LLAMADAS_SIMULTANEAS } from '../../shared/emision/plazos.ts';
import { createTemporalClient } from '../../shared/runtime/temporal/conexion.ts';
import { startWorkerService, type WorkerService } from '../../worker/worker-service.ts';
import { ACTIVIDADES, FakeActividades } from '../support/emision/fake-actividades.ts';
import { CLAVES_DE_PRUEBA } from '../support/emision/claves-de-prueba.ts';
import { PASO_1 } from '../support/registro/fake-registro.ts';
import { temporalServer } from '../support/temporal/temporal-server.ts';
import { entradaDePrueba } from '../support/emision/entrada-de-prueba.ts';
import { contarAjenos, enClaro, Falsario, pedirActividad } from '../support/temporal/falsario.ts';
import { hasta } from '../support/hasta.ts';

const metricas = new Registry();
let temporal: TestWorkflowEnvironment;
let servicio: WorkerService;
afterAll(async () => {
  await servicio.detener();
  await temporal.teardown();
});

it('a worker makes so many calls to the PKI at once, and leaves those beyond in Temporal until one is done', async () => {
  const filter = makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' });
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter, forward: {} } },
  });
  let llamadas = 0;
  const puerta = Promise.withResolvers<typeof PASO_1>();
  const lleno = Promise.withResolvers<undefined>();
  const actividades = new FakeActividades({
    generarNumerosSolicitud: () => {
      llamadas += 1;
      if (llamadas === LLAMADAS_SIMULTANEAS) lleno.resolve(undefined);
      return puerta.promise;
    },
  });
  temporal = await temporalServer();
  const { cifrado } = CLAVES_DE_PRUEBA;
  servicio = await startWorkerService({
    connection: temporal.nativeConnection,
    namespace: 'default',
    cifrado,
    coleccionDeMetricas: metricas,
    colas: [
      {
        nombre: COLA_EMISION,
        simultaneas: LLAMADAS_SIMULTANEAS,
        paradaMs: 15_000,
        actividades: Object.fromEntries(
          ACTIVIDADES.map((actividad) => [
            actividad,
            (...argumentos: unknown[]) => actividades.responder(actividad, argumentos),
          ]),
        ),
      },
    ],
  });
  const client = createTemporalClient(temporal.connection, { TEMPORAL_NAMESPACE: 'default' }, cifrado);
  const iniciar = (codigo: string) =>
    client.workflow.start(WORKFLOW_EMISION, {
      workflowId: workflowIdDe(codigo),
      taskQueue: COLA_EMISION,
      args: [entradaDePrueba(codigo)],
    });
  /** Until its call to the PKI waits in Temporal. */
  const empezada = async (codigo: string) => {
    const handle = await iniciar(codigo);
    await hasta(`${codigo} to wait for its activity`, async () =>
      Boolean((await handle.describe()).raw.pendingActivities?.length),
    );
    return handle;
  };

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

it('a worker counts what somebody else starts, and what he asks of its activities', async () => {
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
