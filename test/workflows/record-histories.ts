/**
 * Records test/workflows/historias/*.json, which replay.test.ts replays. Run by hand, and only when a shape of history
 * is new: a recording that is made again no longer shows that runs of yesterday go on under today's workflow.
 *
 *     npm run -s types && node test/workflows/record-histories.ts [name ...]
 *
 * Without names, those that have no recording. It writes over none.
 *
 * The server is Temporal's own, the worker is composed as in production, MsAdaptadorPKI is the simulator. Payloads are
 * encrypted under the test's keys; the citizens are invented.
 * Long by its table of shapes.
 */
import { generarClaveDeFirma } from '../../shared/bitacora/punto-de-control/nota.ts';
import { DOMINIOS } from '../../worker/dominios.ts';
import { GUARDA_CONFIADA } from '../support/registro/guarda-confiada.ts';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultPayloadConverter, type SerializationContext } from '@temporalio/common';
import type { WorkflowHandle } from '@temporalio/client';
import proto from '@temporalio/proto';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { Registry } from 'prom-client';
import { createMotorTemporal } from '../../api/emision/temporal/motor-temporal.ts';
import { createMotorDeReejecuciones } from '../../api/emision/temporal/motor-de-reejecuciones.ts';
import {
  COLA_BITACORA,
  WORKFLOW_ANOTACION,
  WORKFLOW_NUEVA_EPOCA,
  WORKFLOW_VERIFICACION,
} from '../../shared/bitacora/contrato.ts';
import { workflowId } from '../../shared/emision/contrato.ts';
import { COLA_MANTENIMIENTO } from '../../shared/nucleo/ejecuciones/colas.ts';
import { WORKFLOW_RECIFRADO } from '../../shared/mantenimiento/recifrado.ts';
import { WORKFLOW_CONCILIACION, WORKFLOW_RETENCION } from '../../shared/emision/mantenimiento.ts';
import { workflowIdDeOrden } from '../../shared/nucleo/ejecuciones/orden.ts';
import { FALLOS_PARA_ABRIR } from '../../shared/emision/plazos.ts';
import { workflowIdDeReejecucion } from '../../shared/emision/reejecucion.ts';
import { createMotorEmision } from '../../shared/motor/emision/motor-de-temporal.ts';
import { abrirRegistro } from '../../shared/registro/dominios.ts';
import { createRegistro } from '../../shared/registro/emision/registro.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { createPayloadCodec } from '../../shared/runtime/temporal/codec.ts';
import { createTemporalClient } from '../../shared/runtime/temporal/conexion.ts';
import type { BehaviourOf } from '../../simulator/pki/faults/behaviour.ts';
import { createSimulator } from '../../simulator/pki/simulator.ts';
import { startWorkerService } from '../../worker/worker-service.ts';
import { CLAVES_DE_PRUEBA } from '../support/emision/claves-de-prueba.ts';
import { temporalServer } from '../support/temporal/temporal-server.ts';
import { entradaDePrueba } from '../support/emision/entrada-de-prueba.ts';
import { aJson, type Json } from '../support/temporal/historia-en-archivo.ts';
import { hasta } from '../support/hasta.ts';

const { Payload } = proto.temporal.api.common.v1;

const CARPETA = fileURLToPath(new URL('./historias', import.meta.url));

interface Forma {
  /** What the PKI does to its calls; the codigo is the name. */
  pki: (llamada: Parameters<BehaviourOf>[0]) => ReturnType<BehaviourOf>;
  /** Runs of the codigo, one after the other; the last is recorded. */
  runs?: number;
  /** Cancels the run while the first attempt of this activity is under way, or while a later one is waited for. */
  cancelarEn?: { actividad: string; intento: number };
  /** The register is down as the run begins, until the run waits for it in a timer. */
  registroCaido?: boolean;
  /** Another codigo of the citizen is in process meanwhile. */
  ciudadanoOcupado?: boolean;
  /** Once it is closed an operator resets it to its beginning: that run is recorded. */
  reiniciada?: boolean;
  /** The codigo and these others are then run again in bulk: that is recorded. A name of FORMAS is first issued. */
  enMasivaCon?: string[];
}

/** Holds the citizen of `ciudadano-ocupado`: the PKI is not there for it. */
const OCUPANTE = 'ocupante';

const FORMAS: Record<string, Forma> = {
  completada: { pki: () => ({}) },
  'no-encontrado': { pki: () => ({ refusal: 'CIUDADANO_NO_ENCONTRADO' }) },
  reintentada: {
    pki: ({ numeroLlamada }) => (numeroLlamada <= 2 ? { outage: 'SERVICIO_NO_DISPONIBLE' } : {}),
  },
  // `ventana-cerrada` and `ventana-cerrada-en-un-intento` are of the time in which the server closed the window, and
  // cannot be recorded again.
  'ventana-cerrada-en-actividad': { pki: ({ paso }) => (paso === 2 ? { outage: 'ERROR_INTERNO' } : {}) },
  // The window of 20 s closes at the fifth failure of the first run, which opens the circuit. Alone: all share circuits.
  'retenida-por-el-circuito': {
    pki: ({ paso, numeroLlamada }) =>
      paso === 1 && numeroLlamada <= FALLOS_PARA_ABRIR ? { outage: 'ERROR_INTERNO' } : {},
    runs: 2,
  },
  'ventana-cerrada-en-circuito': { pki: () => ({ outage: 'ERROR_INTERNO' }), runs: 2 },
  'reejecutada-desde-paso-1': {
    pki: ({ paso, numeroLlamada }) =>
      paso === 1 && numeroLlamada === 1 ? { refusal: 'CIUDADANO_NO_ENCONTRADO' } : {},
    runs: 2,
  },
  'reejecutada-desde-paso-2': {
    pki: ({ paso, numeroLlamada }) =>
      paso === 2 && numeroLlamada === 1 ? { refusal: 'CIUDADANO_NO_CUMPLE_REQUISITOS' } : {},
    runs: 2,
  },
  'cancelada-en-paso-1': {
    pki: () => ({ outage: 'SERVICIO_NO_DISPONIBLE' }),
    // Some 2 s are waited before the third: the cancel meets none under way.
    cancelarEn: { actividad: 'generarNumerosSolicitud', intento: 3 },
  },
  'cancelada-en-paso-2': {
    pki: ({ paso }) => (paso === 2 ? { delayAfterMs: 1500 } : {}),
    cancelarEn: { actividad: 'generarCertificadoDigitalDniE', intento: 1 },
  },
  'reiniciada-completada': { pki: () => ({}), reiniciada: true },
  'reiniciada-fallida': { pki: () => ({ refusal: 'CIUDADANO_NO_ENCONTRADO' }), reiniciada: true },
  'ciudadano-ocupado': { pki: () => ({}), ciudadanoOcupado: true },
  'no-conforme': { pki: () => ({ certificateFault: 'OTRO_CIUDADANO' }) },
  'no-conforme-comparada-de-nuevo': { pki: () => ({ certificateFault: 'OTRO_CIUDADANO' }), runs: 2 },
  'registro-caido': { pki: () => ({}), registroCaido: true },
  'reejecucion-masiva': {
    pki: ({ paso, numeroLlamada }) =>
      paso === 1 && numeroLlamada === 1 ? { refusal: 'CIUDADANO_NO_ENCONTRADO' } : {},
    enMasivaCon: ['no-encontrado', 'desconocida'],
  },
  // Runs that are found by search attributes and are told of their attempts; those above began without.
  'reintentada-con-atributos': {
    pki: ({ numeroLlamada }) => (numeroLlamada <= 2 ? { outage: 'SERVICIO_NO_DISPONIBLE' } : {}),
  },
  'fallida-con-atributos': { pki: () => ({ refusal: 'CIUDADANO_NO_ENCONTRADO' }) },
  'masiva-con-atributos': {
    pki: ({ paso, numeroLlamada }) =>
      paso === 1 && numeroLlamada === 1 ? { refusal: 'CIUDADANO_NO_ENCONTRADO' } : {},
    enMasivaCon: ['desconocida'],
  },
};

/** By command: Temporal notes of a Schedule's run, in clear, whose it is. */
const FORMAS_DE_MANTENIMIENTO: Record<string, { workflow: string; cola: string; argumentos: unknown[] }> = {
  conciliacion: {
    workflow: WORKFLOW_CONCILIACION,
    cola: COLA_MANTENIMIENTO,
    argumentos: [{ forzar: false }],
  },
  retencion: { workflow: WORKFLOW_RETENCION, cola: COLA_MANTENIMIENTO, argumentos: [{}] },
  recifrado: {
    workflow: WORKFLOW_RECIFRADO,
    cola: COLA_MANTENIMIENTO,
    argumentos: [{ claveActiva: CLAVES_DE_PRUEBA.cifrado.claveActiva }],
  },
  'verificacion-de-bitacora': { workflow: WORKFLOW_VERIFICACION, cola: COLA_BITACORA, argumentos: [[]] },
  'nueva-epoca-de-bitacora': {
    workflow: WORKFLOW_NUEVA_EPOCA,
    cola: COLA_BITACORA,
    argumentos: ['grabación'],
  },
  'anotacion-en-bitacora': {
    workflow: WORKFLOW_ANOTACION,
    cola: COLA_BITACORA,
    argumentos: [{ tipo: 'ADOPTAR_ENTRADAS', motivo: 'grabación' }],
  },
};

const pedidas = process.argv.slice(2);
const conocidas = [...Object.keys(FORMAS), ...Object.keys(FORMAS_DE_MANTENIMIENTO)];
const nombres = (pedidas.length > 0 ? pedidas : conocidas).filter((nombre) => !existsSync(archivoDe(nombre)));
// Failures are what is recorded: the SDK's account of them is none of interest.
Runtime.install({ logger: new DefaultLogger('ERROR') });
const datos = mkdtempSync(join(tmpdir(), 'historias-'));
const codec = createPayloadCodec(CLAVES_DE_PRUEBA.cifrado);

const simulador = await createSimulator({
  dataDir: datos,
  latencyMs: 0,
  keyType: 'EC',
  publicBaseUrl: 'http://pki.example.com',
  behaviourOf: (llamada) =>
    llamada.codigoSolicitudTramite === OCUPANTE
      ? { outage: 'SERVICIO_NO_DISPONIBLE' }
      : (FORMAS[llamada.codigoSolicitudTramite]?.pki(llamada) ?? {}),
  onError: () => undefined,
});
simulador.server.listen(0, '127.0.0.1');
await once(simulador.server, 'listening');
const { port } = simulador.server.address() as AddressInfo;

const temporal = await temporalServer();
const db = await abrirRegistro({ DATA_DIR: datos });
let registroCaido = false;
/** The worker's: transactions are refused while the register is down. */
const dbDelWorker = new Proxy(db, {
  get(_, miembro) {
    if (registroCaido && miembro === 'transaction') throw new Error('connect ECONNREFUSED 127.0.0.1:5432');
    const valor: unknown = Reflect.get(db, miembro, db);
    return typeof valor === 'function' ? (valor.bind(db) as unknown) : valor;
  },
});
const direccion = { TEMPORAL_NAMESPACE: 'default' };
const client = createTemporalClient(temporal.connection, direccion, CLAVES_DE_PRUEBA.cifrado);
const delRegistro = {
  db,
  claves: CLAVES_DE_PRUEBA,
  motor: createMotorEmision(client),
  guarda: GUARDA_CONFIADA,
  adaptadorIdempotente: true,
};
const registro = createRegistro(delRegistro);
const coleccionDeMetricas = new Registry();
const anclas = join(datos, 'cadena.pem');
writeFileSync(anclas, simulador.chainPem);
const entorno = {
  PKI_ADAPTER_URL: `http://127.0.0.1:${port}`,
  PKI_TRUST_ANCHORS: anclas,
  VENTANA_REINTENTO_MS: '20000',
  BITACORA_CLAVE_FIRMA: generarClaveDeFirma('localhost/bitacora'),
};
const dominios = DOMINIOS.map((dominio) =>
  dominio.preparar(entorno).crear({
    db: dbDelWorker,
    claves: CLAVES_DE_PRUEBA,
    client,
    guarda: GUARDA_CONFIADA,
    coleccionDeMetricas,
    logger: createLogger('grabadora'),
  }),
);
const servicios = dominios.flatMap((dominio) => dominio.empezarServicio?.() ?? []);
const worker = await startWorkerService({
  connection: temporal.nativeConnection,
  namespace: direccion.TEMPORAL_NAMESPACE,
  cifrado: CLAVES_DE_PRUEBA.cifrado,
  coleccionDeMetricas,
  colas: dominios.flatMap(({ colas }) => colas),
});
const motor = createMotorTemporal(client);

mkdirSync(CARPETA, { recursive: true });
for (const [indice, nombre] of nombres.entries()) {
  // A citizen each: the register holds one issuance of a citizen at a time.
  const handle = await grabar(nombre, 40_000_000 + indice);
  const historia = aJson(await handle.fetchHistory());
  const limpia = await sinHuellasDeLaMaquina(historia);
  writeFileSync(archivoDe(nombre), `${JSON.stringify(limpia, null, 1)}\n`);
  process.stdout.write(`${nombre}\n`);
}

await worker.detener();
for (const servicio of servicios) await servicio.detener();
await temporal.teardown();
await simulador.close();
await db.destroy();
rmSync(datos, { recursive: true, force: true });

function archivoDe(nombre: string): string {
  return join(CARPETA, `${nombre}.json`);
}

/** Has it happen as its form says; answers the run to be recorded, closed. */
async function grabar(nombre: string, numeroDocumento: number): Promise<WorkflowHandle> {
  const deMantenimiento = FORMAS_DE_MANTENIMIENTO[nombre];
  if (deMantenimiento) return mantener(deMantenimiento);
  const forma = FORMAS[nombre];
  if (!forma) throw new Error(`no such history: ${nombre}`);
  if (forma.ciudadanoOcupado) return emitirConElCiudadanoOcupado(nombre, numeroDocumento);
  const handle = await emitir(nombre, numeroDocumento);
  if (forma.enMasivaCon) return reejecutarEnMasa(nombre, forma.enMasivaCon);
  return forma.reiniciada ? reiniciar(nombre) : handle;
}

async function mantener({
  workflow,
  cola,
  argumentos,
}: (typeof FORMAS_DE_MANTENIMIENTO)[string]): Promise<WorkflowHandle> {
  const handle = await client.workflow.start(workflow, {
    workflowId: workflowIdDeOrden(workflow),
    taskQueue: cola,
    args: argumentos,
  });
  await handle.result();
  return handle;
}

/** The other one is retried until this one was turned away. */
async function emitirConElCiudadanoOcupado(codigo: string, numeroDocumento: number): Promise<WorkflowHandle> {
  const otra = client.workflow.getHandle(workflowId(OCUPANTE));
  await motor.iniciar(entradaDePrueba(OCUPANTE, String(numeroDocumento)), true);
  await hasta('the other one to hold its citizen', async () =>
    Boolean((await otra.describe()).raw.pendingActivities?.length),
  );
  const handle = await emitir(codigo, numeroDocumento);
  await otra.cancel();
  await otra.result().catch(() => undefined);
  return handle;
}

async function reiniciar(codigo: string): Promise<WorkflowHandle> {
  const { events } = await client.workflow.getHandle(workflowId(codigo)).fetchHistory();
  const primera = events?.find(({ workflowTaskCompletedEventAttributes: tarea }) => tarea);
  const { runId } = await client.workflowService.resetWorkflowExecution({
    namespace: direccion.TEMPORAL_NAMESPACE,
    workflowExecution: { workflowId: workflowId(codigo) },
    workflowTaskFinishEventId: primera?.eventId ?? null,
    reason: 'grabación',
    requestId: randomUUID(),
  });
  const handle = client.workflow.getHandle(workflowId(codigo), runId);
  await handle.result().catch(() => undefined);
  return handle;
}

/** Runs the codigo as its form says; answers its last run, closed. */
async function emitir(codigo: string, numeroDocumento: number): Promise<WorkflowHandle> {
  const { runs = 1, cancelarEn: cancelacion, registroCaido: caido = false } = FORMAS[codigo] ?? {};
  const handle = client.workflow.getHandle(workflowId(codigo));
  for (let run = 0; run < runs; run++) {
    const anterior = await registro.leer(codigo);
    const entrada = {
      ...entradaDePrueba(codigo, String(numeroDocumento)),
      solicitudPkiId: anterior?.pasos[1].solicitud_pki_id ?? null,
    };
    registroCaido = caido;
    await motor.iniciar(entrada, anterior === null);
    if (caido) await hastaQueEspere(handle);
    registroCaido = false;
    if (cancelacion) await cancelarEn(handle, cancelacion);
    await handle.result().catch(() => undefined);
  }
  return handle;
}

async function hastaQueEspere(handle: WorkflowHandle): Promise<void> {
  await hasta('the run to wait for the register in a timer', async () => {
    const { events } = await handle.fetchHistory();
    return events?.some(({ timerStartedEventAttributes: temporizador }) => temporizador);
  });
}

async function reejecutarEnMasa(codigo: string, otros: string[]): Promise<WorkflowHandle> {
  for (const [indice, otro] of otros.filter((uno) => uno in FORMAS).entries())
    if (!(await registro.leer(otro))) await emitir(otro, 41_000_000 + indice);
  const reejecucionId = randomUUID();
  await createMotorDeReejecuciones(client).iniciar({
    reejecucionId,
    codigos: [codigo, ...otros],
    motivo: 'grabación',
    solicitante: { usuarioEjecutor: 'soporte', ipCliente: '10.20.30.40', correlationId: randomUUID() },
    solicitadaEn: new Date().toISOString(),
  });
  const handle = client.workflow.getHandle(workflowIdDeReejecucion(reejecucionId));
  await handle.result();
  return handle;
}

async function cancelarEn(
  handle: WorkflowHandle,
  { actividad, intento }: NonNullable<Forma['cancelarEn']>,
): Promise<void> {
  await hasta(`attempt ${intento} of ${actividad}`, async () => {
    const { raw } = await handle.describe();
    const pendiente = raw.pendingActivities?.find(({ activityType }) => activityType?.name === actividad);
    // The first attempt is waited for until it runs; between two, none does.
    const haEmpezado = intento > 1 || Boolean(pendiente?.lastStartedTime);
    return haEmpezado && (pendiente?.attempt ?? 0) >= intento;
  });
  await handle.cancel();
}

/** Who recorded and where does not count in a replay: names of processes go, and so do stack traces. */
async function sinHuellasDeLaMaquina(valor: Json): Promise<Json> {
  // A process is named pid@host: as an identity, and as the queue of the runs that it remembers.
  if (typeof valor === 'string' && /^\d+@/.test(valor)) return 'grabadora';
  if (Array.isArray(valor)) return Promise.all(valor.map(sinHuellasDeLaMaquina));
  if (typeof valor !== 'object' || valor === null) return valor;
  const miembros = Object.entries(valor).map(async ([nombre, miembro]): Promise<[string, Json]> => {
    if (nombre === 'encodedAttributes') return [nombre, await sinTraza(miembro)];
    return [nombre, await sinHuellasDeLaMaquina(miembro)];
  });
  return Object.fromEntries(await Promise.all(miembros));
}

/** A failure's message and stack trace, encrypted: the same without the trace. */
async function sinTraza(cifrado: Json): Promise<Json> {
  const sellado = Payload.fromObject(cifrado as Record<string, unknown>);
  const [claro] = await codec.decode([sellado]);
  if (!claro) throw new Error('the codec answers a payload for each');
  const atributos = defaultPayloadConverter.fromPayload<object>(claro);
  const lugar = JSON.parse(Buffer.from(sellado.metadata['sealed-for'] ?? []).toString()) as unknown[];
  const [type, namespace, workflowId] = lugar;
  const [otra] = await codec.encode([defaultPayloadConverter.toPayload({ ...atributos, stack_trace: '' })], {
    type,
    namespace,
    workflowId,
  } as SerializationContext);
  return Payload.toObject(Payload.fromObject(otra ?? {}), { bytes: String });
}
