/** In which order calls to the PKI that waited come out of their queue, by a real server. */
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Registry } from 'prom-client';
import {
  COLA_EMISION,
  COLAS_DE_LA_PKI,
  PASOS,
  WORKFLOW_EMISION,
  workflowId,
  type ReferenciaEmision,
} from '../../shared/emision/contrato.ts';
import { prioridadDe } from '../../shared/emision/prioridad.ts';
import { createTemporalClient } from '../../shared/runtime/temporal/conexion.ts';
import { startWorkerService, type WorkerService } from '../../worker/worker-service.ts';
import { CLAVES_DE_PRUEBA } from '../support/emision/claves-de-prueba.ts';
import { entradaDePrueba } from '../support/emision/entrada-de-prueba.ts';
import { FakeActividades } from '../support/emision/fake-actividades.ts';
import { hasta } from '../support/hasta.ts';
import { PASO_1 } from '../support/registro/fake-registro.ts';
import { temporalServer } from '../support/temporal/temporal-server.ts';

/** The codigos, as step 1 was called for them. */
const llamados: string[] = [];
let admite = 0;
let avisar: () => void = () => undefined;
let temporal: TestWorkflowEnvironment;
let servicio: WorkerService;

beforeAll(async () => {
  temporal = await temporalServer();
  const fakes = new FakeActividades({
    generarNumerosSolicitud: ({ codigoSolicitudTramite }: ReferenciaEmision) => {
      llamados.push(codigoSolicitudTramite);
      return PASO_1;
    },
  });
  const cola = { simultaneas: 1, paradaMs: 15_000, actividades: fakes.todas() };
  servicio = await startWorkerService({
    connection: temporal.nativeConnection,
    namespace: 'default',
    cifrado: CLAVES_DE_PRUEBA.cifrado,
    coleccionDeMetricas: new Registry(),
    colas: [
      { ...cola, nombre: COLA_EMISION },
      ...PASOS.map((paso) => ({
        ...cola,
        nombre: COLAS_DE_LA_PKI[paso],
        compuerta: {
          admite: () => (paso === 1 ? admite : Infinity),
          alAdmitirMas(aviso: () => void) {
            if (paso === 1) avisar = aviso;
          },
        },
        porSegundo: 1_000,
      })),
    ],
  });
}, 120_000);
afterAll(async () => {
  await servicio.detener();
  await temporal.teardown();
});

async function enEspera(codigo: string, oficina: string, esMasiva: boolean) {
  const { cifrado } = CLAVES_DE_PRUEBA;
  const client = createTemporalClient(temporal.connection, { TEMPORAL_NAMESPACE: 'default' }, cifrado);
  const entrada = entradaDePrueba(codigo);
  entrada.contexto.oficinaEjecucion = oficina;
  const handle = await client.workflow.start(WORKFLOW_EMISION, {
    workflowId: workflowId(codigo),
    taskQueue: COLA_EMISION,
    args: [entrada],
    priority: prioridadDe(entrada, esMasiva),
  });
  await hasta(`${codigo} to wait in the queue`, async () =>
    Boolean((await handle.describe()).raw.pendingActivities?.length),
  );
  return handle;
}

it('first those that a client waits for, each office in its turn, then those that support ordered in bulk', async () => {
  const codigos = [
    'MASIVA-1',
    'MASIVA-2',
    ...Array.from({ length: 8 }, (_, i) => `LIMA-${i}`),
    'CUSCO-1',
    'CUSCO-2',
  ];
  const handles = [];
  for (const codigo of codigos) {
    const [oficina = ''] = codigo.split('-');
    handles.push(await enEspera(codigo, oficina, oficina === 'MASIVA'));
  }

  admite = Infinity;
  avisar();
  await Promise.all(handles.map((handle) => handle.result()));

  expect([...llamados.slice(-2)].sort()).toEqual(['MASIVA-1', 'MASIVA-2']);
  // One office sent eight before the other sent two: they do not wait for all of those.
  expect(llamados.indexOf('CUSCO-2')).toBeLessThan(6);
}, 60_000);
