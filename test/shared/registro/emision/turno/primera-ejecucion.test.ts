/**
 * What a first run costs Temporal where the adapter does not repeat its answers, by its own server: nobody lists, but for a
 * run that only looks like a first one.
 */
import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { Client } from '@temporalio/client';
import { createMotorTemporal } from '../../../../../api/emision/temporal/motor-temporal.ts';
import {
  COLA_EMISION,
  WORKFLOW_EMISION,
  workflowId,
  type EntradaEmision,
} from '../../../../../shared/emision/contrato.ts';
import { createMotorEmision } from '../../../../../shared/motor/emision/motor-de-temporal.ts';
import { GUARDA_CONFIADA } from '../../../../support/registro/guarda-confiada.ts';
import { createRegistro } from '../../../../../shared/registro/emision/registro.ts';
import { abrirCargas } from '../../../../../shared/runtime/temporal/carga-de-temporal.ts';
import { createDataConverter } from '../../../../../shared/runtime/temporal/codec.ts';
import {
  BASES,
  CLAVES,
  entradaDePrueba,
  usarRegistro,
} from '../../../../support/registro/registro-de-prueba.ts';
import { callarAlSdk } from '../../../../support/temporal/sdk-callado.ts';
import { temporalServer } from '../../../../support/temporal/temporal-server.ts';

let entorno: Awaited<ReturnType<typeof temporalServer>>;
let client: Client;
beforeAll(async () => {
  callarAlSdk();
  entorno = await temporalServer();
  client = new Client({
    connection: entorno.connection,
    dataConverter: createDataConverter(CLAVES.cifrado),
  });
}, 120_000);
afterAll(() => entorno.teardown());

// One database: what is asked of Temporal does not depend on it.
const [PGLITE] = BASES;
const prueba = usarRegistro(PGLITE.abrir);

/** Its run takes its first turn at the register. @returns how often Temporal was asked what */
async function registrar(entrada: EntradaEmision) {
  const codigo = entrada.solicitud.solicitud.codigoSolicitudTramite;
  const { runId, startTime } = await client.workflow.getHandle(workflowId(codigo)).describe();
  const registro = createRegistro({
    db: prueba.db,
    claves: CLAVES,
    motor: createMotorEmision(client),
    guarda: GUARDA_CONFIADA,
    adaptadorIdempotente: false,
  });
  const listar = jest.spyOn(client.workflowService, 'listWorkflowExecutions');
  const describir = jest.spyOn(client.workflowService, 'describeWorkflowExecution');
  const turno = await registro.registrarSolicitud({ ...entrada, inicio: startTime.toISOString() }, runId);
  const preguntas = { listas: listar.mock.calls.length, descripciones: describir.mock.calls.length };
  listar.mockRestore();
  describir.mockRestore();
  return { turno: turno.tipo, ...preguntas };
}

/** A request that the API accepts now, as its run is given it. No worker serves it. */
async function iniciar(esPrimera: boolean): Promise<EntradaEmision> {
  const { inicio, ...entrada } = entradaDePrueba(`SOL-${randomUUID().slice(0, 8)}`);
  expect(inicio).toBeDefined();
  expect(await createMotorTemporal(client).iniciar(entrada, esPrimera)).toBe(true);
  return entradaEnTemporal(entrada);
}

async function entradaEnTemporal({ solicitud }: EntradaEmision): Promise<EntradaEmision> {
  const id = workflowId(solicitud.solicitud.codigoSolicitudTramite);
  const { events } = await client.workflow.getHandle(id).fetchHistory();
  const { input } = events?.[0]?.workflowExecutionStartedEventAttributes ?? {};
  const lugar = { type: 'workflow', namespace: 'default', workflowId: id } as const;
  const [entrada] = await abrirCargas(client.options.loadedDataConverter, input, lugar);
  return entrada as EntradaEmision;
}

it('one that Temporal took because it knew no other lists nothing', async () => {
  expect(await registrar(await iniciar(true))).toEqual({
    turno: 'CONCEDIDO',
    listas: 0,
    descripciones: 1,
  });
});

it('one that was started though there may be others lists them', async () => {
  expect(await registrar(await iniciar(false))).toMatchObject({ turno: 'CONCEDIDO', listas: 1 });
});

it.each([
  ['delayed', { startDelay: '1 hour' }],
  ['started by a cron, for a later moment', { cronSchedule: '0 0 1 1 *' }],
])('one whose input somebody started again, %s, lists them', async (_, opciones) => {
  const entrada = await iniciar(true);
  const id = workflowId(entrada.solicitud.solicitud.codigoSolicitudTramite);
  await client.workflow.getHandle(id).terminate();
  await client.workflow.start(WORKFLOW_EMISION, {
    workflowId: id,
    taskQueue: COLA_EMISION,
    args: [entrada],
    ...opciones,
  });

  expect(entrada.esPrimera).toBe(true);
  expect((await registrar(entrada)).listas).toBe(1);
});

it('one that somebody paused before its first task lists them', async () => {
  const entrada = await iniciar(true);
  const pausa = {
    namespace: 'default',
    workflowId: workflowId(entrada.solicitud.solicitud.codigoSolicitudTramite),
    reason: 'prueba',
    identity: 'operador',
  };
  await client.workflowService.pauseWorkflowExecution({ ...pausa, requestId: randomUUID() });
  await client.workflowService.unpauseWorkflowExecution({ ...pausa, requestId: randomUUID() });

  expect((await registrar(entrada)).listas).toBe(1);
});
