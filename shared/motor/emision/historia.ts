/** A closed run's history, read as what it tells of the issuance: its input, its end, what its steps left at the PKI. */
import type {
  ActivitySerializationContext,
  LoadedDataConverter,
  WorkflowSerializationContext,
} from '@temporalio/common';
import type proto from '@temporalio/proto';
import type { z } from 'zod';
import {
  codigoDe,
  type CierreRegistrado,
  type ActividadDelFallo,
  type RunDelFallo,
  type EntradaEmision,
  type Paso,
  type RespuestaConProcedencia,
} from '../../emision/contrato.ts';
import type { ResultadoEmision } from '../../emision/emision.ts';
import {
  esTipoFallo,
  FALLOS,
  type CertezaDeEnvio,
  type FalloDeEmision,
  type TipoFallo,
} from '../../emision/fallos.ts';
import { HistoriaIlegible, type FinDeRunCerrada, type HistoriaDeRun, type Rastro } from './motor.ts';
import { aclara, RESPUESTAS_PKI, type RespuestaDe } from '../../emision/respuestas-pki.ts';
import { abrirCargas, abrirFallo } from '../../runtime/temporal/carga-de-temporal.ts';

type Evento = proto.temporal.api.history.v1.IHistoryEvent;
type Fallo = proto.temporal.api.failure.v1.IFailure | null | undefined;
type Payloads = proto.temporal.api.common.v1.IPayloads | null | undefined;

/** Opens what is sealed for the run, or for one of its activities; of what is not, nothing is read. */
interface Lector {
  cargas(payloads: Payloads, deActividad?: boolean): Promise<unknown[]>;
  fallo(failure: Fallo, deActividad?: boolean): Promise<{ tipo: TipoFallo; detalles: unknown[] } | null>;
}

/** Where a run stands: its seals are bound to it. */
export interface LugarDeRun {
  namespace: string;
  workflowId: string;
  runId: string;
}

/**
 * @returns null where the run is open, or where it is none of this service's: its input is not sealed for it
 * @throws HistoriaIlegible
 */
export async function interpretarHistoria(
  { namespace, workflowId, runId }: LugarDeRun,
  eventos: readonly Evento[],
  converter: LoadedDataConverter,
): Promise<HistoriaDeRun | null> {
  try {
    const lector = createLector(converter, { type: 'workflow', namespace, workflowId });
    const ultimo = eventos.at(-1);
    const fin = ultimo && (await finEn(ultimo, runId, lector));
    const primero = eventos[0];
    const inicio = primero?.workflowExecutionStartedEventAttributes;
    if (!fin || !inicio) return null;
    const codigo = codigoDe(workflowId);
    const entrada = entradaEn(await lector.cargas(inicio.input), codigo);
    if (!entrada || codigo === null) return null;
    const { generacion } = entrada;
    const runs = runsDe(runId, eventos);
    return {
      runId,
      entrada,
      inicio: fechaDe(primero),
      cierre: fechaDe(ultimo),
      fin,
      paso1: await rastroDe({ codigo, generacion, paso: 1, runs }, eventos, lector),
      paso2: await rastroDe({ codigo, generacion, paso: 2, runs }, eventos, lector),
    };
  } catch (cause) {
    throw new HistoriaIlegible({ cause });
  }
}

/** Null where it is no input at all, or another codigo's. */
function entradaEn([entrada]: unknown[], codigo: string | null): EntradaEmision | null {
  const { solicitud } = (entrada ?? {}) as Partial<EntradaEmision>;
  const { codigoSolicitudTramite } =
    (solicitud as Partial<EntradaEmision['solicitud']> | undefined)?.solicitud ?? {};
  return codigo !== null && codigoSolicitudTramite === codigo ? (entrada as EntradaEmision) : null;
}

async function finEn(evento: Evento, runId: string, lector: Lector): Promise<FinDeRunCerrada | null> {
  if (evento.workflowExecutionCompletedEventAttributes) {
    const [resultado] = await lector.cargas(evento.workflowExecutionCompletedEventAttributes.result);
    const esSuyo = Array.isArray((resultado as Partial<ResultadoEmision> | null | undefined)?.certificados);
    return esSuyo
      ? { tipo: 'COMPLETADO', resultado: resultado as ResultadoEmision }
      : { tipo: 'SIN_DESENLACE' };
  }
  if (evento.workflowExecutionFailedEventAttributes) {
    const propio = await lector.fallo(evento.workflowExecutionFailedEventAttributes.failure);
    // Not a failure that the workflow threw: the SDK or the server ended it.
    if (!propio) return { tipo: 'SIN_DESENLACE' };
    const { tipo, detalles } = propio;
    const [fallo, registrado] = detalles;
    return {
      tipo: 'FALLIDO',
      fallo: esFallo(fallo) ? fallo : { tipo, paso: null, detalles: [] },
      // Else somebody put there what an earlier run was told, or an earlier version wrote it, which did not name its run.
      registrado: esCierre(registrado) && registrado.runId === runId ? registrado : null,
    };
  }
  const cortada =
    evento.workflowExecutionTerminatedEventAttributes ??
    evento.workflowExecutionTimedOutEventAttributes ??
    evento.workflowExecutionCanceledEventAttributes;
  return cortada ? { tipo: 'SIN_DESENLACE' } : null;
}

function esFallo(valor: unknown): valor is FalloDeEmision {
  return esTipoFallo((valor as Partial<FalloDeEmision> | undefined)?.tipo);
}

function esCierre(valor: unknown): valor is CierreRegistrado & RunDelFallo {
  return typeof (valor as Partial<CierreRegistrado> | undefined)?.resultadoIncierto === 'boolean';
}

const ACTIVIDAD: Record<Paso, string> = {
  1: 'generarNumerosSolicitud',
  2: 'generarCertificadoDigitalDniE',
};

interface Trabajo<P extends Paso = Paso> {
  codigo: string;
  generacion: number;
  paso: P;
  /** The runs that its attempts may be of. */
  runs: ReadonlySet<string>;
}

/** The run, and those that it was reset from: its history begins with theirs. */
function runsDe(runId: string, eventos: readonly Evento[]): ReadonlySet<string> {
  const deReinicios = eventos.flatMap(({ workflowTaskFailedEventAttributes: fallida }) =>
    fallida ? [fallida.baseRunId, fallida.newRunId] : [],
  );
  return new Set(
    [runId, ...deReinicios].filter((uno): uno is string => typeof uno === 'string' && uno !== ''),
  );
}

async function rastroDe<P extends Paso>(
  trabajo: Trabajo<P>,
  eventos: readonly Evento[],
  lector: Lector,
): Promise<Rastro<RespuestaDe<P>>> {
  const ids = new Set(
    eventos
      .filter(
        (evento) =>
          evento.activityTaskScheduledEventAttributes?.activityType?.name === ACTIVIDAD[trabajo.paso],
      )
      .map(({ eventId }) => String(eventId)),
  );
  const rastro: Rastro<RespuestaDe<P>> = { intentos: 0, respuesta: null, certeza: 'DESCONOCIDO' };
  if (ids.size === 0) return rastro;
  const esSuyo = (atributos: { scheduledEventId?: unknown } | null | undefined) =>
    atributos !== null && atributos !== undefined && ids.has(String(atributos.scheduledEventId));

  // An attempt that was under way when the run was cut short has left no event.
  rastro.intentos = ids.size;
  for (const evento of eventos) {
    const empezada = evento.activityTaskStartedEventAttributes;
    if (esSuyo(empezada)) rastro.intentos = Math.max(rastro.intentos, empezada?.attempt ?? 1);
    const terminada = evento.activityTaskCompletedEventAttributes;
    if (esSuyo(terminada))
      rastro.respuesta ??= respuestaEn(await lector.cargas(terminada?.result, true), trabajo);
    const fallida = evento.activityTaskFailedEventAttributes;
    if (esSuyo(fallida))
      rastro.certeza = certezaTras(
        tipoDeEsteTrabajo(await lector.fallo(fallida?.failure, true), trabajo),
        rastro.intentos,
      );
  }
  return rastro;
}

/**
 * Null where somebody else completed the activity, where the result is of other work or no answer at all, or where it
 * tells nothing of what was sent. Versions that bound no seal to a place do not name the work.
 */
function respuestaEn<P extends Paso>([resultado]: unknown[], trabajo: Trabajo<P>): RespuestaDe<P> | null {
  const esquema: z.ZodType = RESPUESTAS_PKI[trabajo.paso];
  const leida = esquema.safeParse(resultado);
  if (!leida.success) return null;
  const { procedencia } = resultado as RespuestaConProcedencia<object>;
  const esSuya =
    procedencia?.codigoSolicitudTramite === trabajo.codigo &&
    procedencia.generacion === trabajo.generacion &&
    procedencia.paso === trabajo.paso;
  const respuesta = leida.data as RespuestaDe<P>;
  return esSuya && (!('certificados' in respuesta) || aclara(respuesta)) ? respuesta : null;
}

/** Null where it is of another run or step, or does not say of which. */
function tipoDeEsteTrabajo(
  fallo: { tipo: TipoFallo; detalles: unknown[] } | null,
  { paso, runs }: Trabajo,
): TipoFallo | null {
  const { runId, actividad } = (fallo?.detalles[1] ?? {}) as Partial<ActividadDelFallo>;
  return fallo && actividad === ACTIVIDAD[paso] && runId !== undefined && runs.has(runId) ? fallo.tipo : null;
}

/** Of several attempts only the last says how it ended: any of the others may have been left without an answer. */
function certezaTras(tipo: TipoFallo | null, intentos: number): CertezaDeEnvio {
  const certeza = tipo === null ? 'DESCONOCIDO' : FALLOS[tipo].certeza;
  return certeza === 'NADA_HECHO' && intentos > 1 ? 'DESCONOCIDO' : certeza;
}

function createLector(converter: LoadedDataConverter, delRun: WorkflowSerializationContext): Lector {
  const deActividad: ActivitySerializationContext = { ...delRun, type: 'activity', isLocal: false };
  return {
    cargas: (payloads, esDeActividad = false) =>
      abrirCargas(converter, payloads, esDeActividad ? deActividad : delRun),
    async fallo(failure, esDeActividad = false) {
      const error = await abrirFallo(converter, failure, esDeActividad ? deActividad : delRun);
      return error && esTipoFallo(error.type) ? { tipo: error.type, detalles: error.details ?? [] } : null;
    },
  };
}

function fechaDe({ eventTime }: Evento): Date {
  return new Date(Number(eventTime?.seconds ?? 0) * 1000 + Math.floor((eventTime?.nanos ?? 0) / 1_000_000));
}
