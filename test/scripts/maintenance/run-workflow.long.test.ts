/** `npm run recifrar` and its like as an operator types them, beside somebody who reaches Temporal without a key. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker, type WorkflowBundle } from '@temporalio/worker';
import { conSuEjecucion } from '../../../activities/ejecuciones/su-ejecucion.ts';
import { COLA_MANTENIMIENTO } from '../../../shared/nucleo/ejecuciones/colas.ts';
import { WORKFLOW_RECIFRADO, type TablaRecifrada } from '../../../shared/mantenimiento/recifrado.ts';
import { workflowIdDeOrden } from '../../../shared/nucleo/ejecuciones/orden.ts';
import { createCifrado } from '../../../shared/runtime/claves/cifrado.ts';
import { createDataConverter } from '../../../shared/runtime/temporal/codec.ts';
import { runProgram, type Run } from '../../support/procesos/run-program.ts';
import { temporalServer } from '../../support/temporal/temporal-server.ts';
import { abrirEntorno } from '../../support/temporal/entorno-de-prueba.ts';
import { completarCon, enClaro, FALLAR, Falsario } from '../../support/temporal/falsario.ts';

const clave = (byte: number) => Buffer.alloc(32, byte).toString('base64');
const VIEJA = `vieja:${clave(1)}`;
const ROTADA = `nueva:${clave(3)},${VIEJA}`;
const ID = workflowIdDeOrden(WORKFLOW_RECIFRADO);
const RECIFRADA = 'vueltas a cifrar: 7';
const TABLAS: TablaRecifrada[] = [{ tabla: 'solicitudes', revisadas: 7, recifradas: 7, ilegibles: {} }];

let entorno: TestWorkflowEnvironment;
let workflowBundle: WorkflowBundle;
let falsario: Falsario;
let carpeta: string;
let parar: () => Promise<void> = () => Promise.resolve();
beforeAll(async () => {
  [entorno, workflowBundle] = await abrirEntorno(() => temporalServer());
  falsario = new Falsario(entorno.connection);
  carpeta = mkdtempSync(join(tmpdir(), 'orden-'));
}, 120_000);
afterAll(async () => {
  await entorno.teardown();
  rmSync(carpeta, { recursive: true });
});
afterEach(async () => {
  await parar();
  parar = () => Promise.resolve();
  await entorno.client.workflow
    .getHandle(ID)
    .terminate()
    .catch(() => undefined);
});

async function trabajar(claves: string): Promise<void> {
  const worker = await Worker.create({
    connection: entorno.nativeConnection,
    taskQueue: COLA_MANTENIMIENTO,
    workflowBundle,
    dataConverter: createDataConverter(createCifrado(claves)),
    activities: conSuEjecucion({
      recifrarTablas: () => Promise.resolve(TABLAS),
      contarEjecuciones: () => Promise.resolve([]),
    }),
  });
  const fin = worker.run();
  parar = () => {
    worker.shutdown();
    return fin;
  };
}

function recifrar(claves: string): Promise<Run> {
  return runProgram(process.execPath, ['scripts/recifrar.ts'], process.cwd(), {
    PATH: process.env.PATH ?? '',
    DATA_DIR: carpeta,
    TEMPORAL_ADDRESS: entorno.address,
    CLAVES_CIFRADO: claves,
    CLAVE_HUELLA: clave(2),
  });
}

/** What Temporal keeps of the last order: its sealed input and result. */
async function anterior(): Promise<Record<'entrada' | 'resultado', Payload[]>> {
  const { events } = await entorno.client.workflow.getHandle(ID).fetchHistory();
  return {
    entrada: events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [],
    resultado: events?.at(-1)?.workflowExecutionCompletedEventAttributes?.result?.payloads ?? [],
  };
}

const COMANDO =
  /temporal workflow terminate --address \S+ --namespace default --workflow-id mantenimiento\/recifrarRegistro --run-id [\w-]{36} --reason/;

it('the command prints the report of the run that it ordered', async () => {
  await trabajar(VIEJA);

  expect(await recifrar(VIEJA)).toMatchObject({ code: 0, stdout: conteniendo(RECIFRADA) });
}, 60_000);

it('the command believes no report of an earlier run, which somebody kept and gave to the one that was ordered', async () => {
  await trabajar(VIEJA);
  await recifrar(VIEJA);
  const { resultado } = await anterior();
  await parar();
  parar = () => Promise.resolve();

  const orden = recifrar(ROTADA);
  const responder = await falsario.tomarTarea(COLA_MANTENIMIENTO);
  await responder(completarCon(resultado));

  const { code, output } = await orden;
  expect([code, output]).toEqual([1, conteniendo('el informe de otra ejecución')]);
  expect(output).not.toContain('ya puede quitarse');
}, 60_000);

it('the command follows no run that stands on another’s queue, and says how it is ended', async () => {
  await trabajar(VIEJA);
  await recifrar(VIEJA);
  const { entrada } = await anterior();
  await falsario.iniciar({ workflowId: ID, tipo: WORKFLOW_RECIFRADO, cola: 'falsario', payloads: entrada });

  const { code, output } = await recifrar(ROTADA);

  expect([code, output]).toEqual([1, conteniendo('no es de este servicio: alguien más alcanza Temporal')]);
  expect(output).toMatch(COMANDO);
  expect(output).not.toContain('CLAVES_CIFRADO');
}, 60_000);

it.each<[string, Payload[]]>([
  ['in clear', enClaro({ claveActiva: 'nueva' })],
  ['none', []],
])(
  'the command follows no run that nobody of ours gave its input (%s)',
  async (_nombre, payloads) => {
    await falsario.iniciar({ workflowId: ID, tipo: WORKFLOW_RECIFRADO, cola: COLA_MANTENIMIENTO, payloads });

    const { code, output } = await recifrar(ROTADA);

    expect([code, output]).toEqual([1, conteniendo('no es de este servicio')]);
    expect(output).toMatch(COMANDO);
  },
  60_000,
);

it('the command says of a run under a key that is not here which that is, since when it stands, and how it is ended', async () => {
  const otra = createDataConverter(createCifrado(`b:${clave(9)}`));
  const client = new Client({ connection: entorno.connection, dataConverter: otra });
  await client.workflow.start(WORKFLOW_RECIFRADO, {
    workflowId: ID,
    taskQueue: COLA_MANTENIMIENTO,
    args: [{ claveActiva: 'b' }],
    memo: { orden: WORKFLOW_RECIFRADO },
  });

  const { code, output } = await recifrar(ROTADA);

  expect([code, output]).toEqual([1, conteniendo('la clave «b», que no está en el CLAVES_CIFRADO de aquí')]);
  expect(output).toMatch(/desde \d{4}-\d\d-\d\dT/);
  expect(output).toMatch(COMANDO);
  expect(output).toContain('alguien más que alcanza Temporal');
}, 60_000);

it('the command takes back an order that the workers cannot read: the next, with their keys, is done', async () => {
  await trabajar(VIEJA);

  const adelantada = await recifrar(ROTADA);
  const corregida = await recifrar(VIEJA);

  expect([adelantada.code, adelantada.output]).toEqual([1, conteniendo('La orden se retiró de Temporal')]);
  expect(corregida).toMatchObject({ code: 0, stdout: conteniendo(RECIFRADA) });
}, 90_000);

it('the command says in Spanish that the answer stands under a key that is not here', async () => {
  await trabajar(ROTADA);

  const { code, output } = await recifrar(VIEJA);

  expect([code, output]).toEqual([1, conteniendo('cifrado bajo la clave «nueva»')]);
}, 60_000);

it('the command says of a run that stands and that the workers cannot read how it is ended, and leaves it to the operator', async () => {
  await trabajar(VIEJA);
  const client = new Client({
    connection: entorno.connection,
    dataConverter: createDataConverter(createCifrado(ROTADA)),
  });
  const { firstExecutionRunId } = await client.workflow.start(WORKFLOW_RECIFRADO, {
    workflowId: ID,
    taskQueue: COLA_MANTENIMIENTO,
    args: [{ claveActiva: 'nueva' }],
  });

  const { code, output } = await recifrar(ROTADA);

  expect([code, output]).toEqual([1, conteniendo('los workers no la pueden leer')]);
  expect(output).toMatch(COMANDO);
  expect(output).toContain(firstExecutionRunId);
}, 60_000);

it('the command says that somebody else terminated its run', async () => {
  const orden = recifrar(VIEJA);
  await falsario.tomarTarea(COLA_MANTENIMIENTO);
  await entorno.client.workflow.getHandle(ID).terminate();

  expect(await orden).toMatchObject({ code: 1, output: conteniendo('Alguien terminó o canceló la orden') });
}, 60_000);

it.each([
  ['a report', completarCon(enClaro({ tablas: TABLAS, enTemporal: [] }))],
  ['a failure', FALLAR],
])(
  'the command says that %s in clear is not of this service',
  async (_nombre, orden) => {
    const pedida = recifrar(VIEJA);
    const responder = await falsario.tomarTarea(COLA_MANTENIMIENTO);
    await responder(orden);

    expect(await pedida).toMatchObject({ code: 1, output: conteniendo('que no es de este servicio') });
  },
  60_000,
);

function conteniendo(texto: string): unknown {
  return expect.stringContaining(texto);
}
