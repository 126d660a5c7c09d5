/**
 * Slots of a gate that never rests, under workers that beat, fail, stop and start again: whatever comes together, all work is
 * done in the end, no call has two at work, and no more of them run than there are slots.
 */
import { setImmediate as vuelta } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
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
import { createTemporalClient } from '../../shared/runtime/temporal/conexion.ts';
import { startWorkerService, type WorkerService } from '../../worker/worker-service.ts';
import { CLAVES_DE_PRUEBA } from '../support/emision/claves-de-prueba.ts';
import { entradaDePrueba } from '../support/emision/entrada-de-prueba.ts';
import { FakeActividades } from '../support/emision/fake-actividades.ts';
import { hasta } from '../support/hasta.ts';
import { PASO_1, PASO_2 } from '../support/registro/fake-registro.ts';
import { falloDeActividad } from '../support/temporal/banco-de-emision.ts';
import { callarAlSdk } from '../support/temporal/sdk-callado.ts';
import { temporalServer } from '../support/temporal/temporal-server.ts';

const EMISIONES = 240;
const LUGARES = 8;
const LATIDOS = 5;

let temporal: TestWorkflowEnvironment;
let servicio: WorkerService | undefined;
/** Calls at work, by step and codigo. */
const enObra = new Set<string>();
const excesos: string[] = [];
let masALaVez = 0;
const admitidas = { 1: 0, 2: 0 };
let avisos: (() => void)[] = [];

beforeAll(async () => {
  callarAlSdk();
  temporal = await temporalServer();
}, 120_000);
afterAll(async () => {
  await servicio?.detener();
  await temporal.teardown();
});

/** Takes some turns of the loop, beats in each, fails one time in eight, and moves the gate. */
async function llamar<T>(paso: 1 | 2, codigo: string, respuesta: T): Promise<T> {
  const obra = `${paso} ${codigo}`;
  if (enObra.has(obra)) excesos.push(obra);
  enObra.add(obra);
  masALaVez = Math.max(masALaVez, [...enObra].filter((una) => una.startsWith(`${paso} `)).length);
  try {
    for (let i = 0; i < LATIDOS; i++) {
      Context.current().heartbeat({ gastados: i });
      mover();
      await vuelta();
    }
    if (Math.random() < 1 / 8)
      throw falloDeActividad('PKI_NO_DISPONIBLE', { nextRetryDelay: 1 + Math.floor(Math.random() * 50) });
    return respuesta;
  } finally {
    enObra.delete(obra);
  }
}

function mover(): void {
  for (const paso of PASOS) admitidas[paso] = [0, 0, 1, 3, Infinity][Math.floor(Math.random() * 5)] ?? 0;
  for (const avisar of avisos) avisar();
}

async function arrancar(): Promise<void> {
  const fakes = new FakeActividades({
    generarNumerosSolicitud: ({ codigoSolicitudTramite }: ReferenciaEmision) =>
      llamar(1, codigoSolicitudTramite, PASO_1),
    generarCertificadoDigitalDniE: ({ codigoSolicitudTramite }: ReferenciaEmision) =>
      llamar(2, codigoSolicitudTramite, PASO_2),
  });
  avisos = [];
  const cola = { simultaneas: LUGARES, paradaMs: 15_000, actividades: fakes.todas() };
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
          admite: () => admitidas[paso],
          alAdmitirMas: (aviso: () => void) => void avisos.push(aviso),
        },
        porSegundo: 10_000,
      })),
    ],
  });
}

it('the slots of a queue with a gate come to an end with all of the work, over three stops', async () => {
  const { cifrado } = CLAVES_DE_PRUEBA;
  const { workflow } = createTemporalClient(temporal.connection, { TEMPORAL_NAMESPACE: 'default' }, cifrado);
  await arrancar();
  const handles = await Promise.all(
    Array.from({ length: EMISIONES }, (_, i) =>
      workflow.start(WORKFLOW_EMISION, {
        workflowId: workflowId(`SOL-${i}`),
        taskQueue: COLA_EMISION,
        args: [entradaDePrueba(`SOL-${i}`)],
      }),
    ),
  );
  let hechas = 0;
  const todas = Promise.all(handles.map((handle) => handle.result().then(() => (hechas += 1))));
  const hastaHechas = (cuantas: number) =>
    hasta(
      `${cuantas} of ${EMISIONES} done`,
      () => {
        mover();
        return hechas >= cuantas;
      },
      120_000,
    );

  for (const parte of [1 / 4, 1 / 2, 3 / 4]) {
    await hastaHechas(EMISIONES * parte);
    await servicio?.detener();
    expect(enObra.size).toBe(0);
    await arrancar();
  }
  await hastaHechas(EMISIONES);
  await todas;

  expect(excesos).toEqual([]);
  expect(masALaVez).toBeLessThanOrEqual(LUGARES);
  expect(masALaVez).toBeGreaterThan(1);
}, 300_000);
