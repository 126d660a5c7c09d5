/** A closed run's history, read as what it tells of the issuance: its input, its end, what its steps left at the PKI. */
import type { LoadedDataConverter, Payload } from '@temporalio/common';
import type proto from '@temporalio/proto';
import type {
  CierreRegistrado,
  EntradaEmision,
  RespuestaPaso1,
  RespuestaPaso2,
} from '../emision/contrato.ts';
import type { ResultadoEmision } from '../emision/emision.ts';
import { esTipoFallo, type FalloDeEmision, type TipoFallo } from '../emision/fallos.ts';
import { HistoriaIlegible, type FinDeRunCerrada, type HistoriaDeRun, type Rastro } from '../emision/motor.ts';

type Evento = proto.temporal.api.history.v1.IHistoryEvent;
type Fallo = proto.temporal.api.failure.v1.IFailure | null | undefined;
type Payloads = proto.temporal.api.common.v1.IPayloads | null | undefined;
type Decodificar = (payloads: Payloads) => Promise<unknown[]>;

/** Refusals of the PKI that hold for every send of their step. */
const DEFINITIVOS: readonly TipoFallo[] = ['CIUDADANO_NO_ENCONTRADO', 'CIUDADANO_NO_CUMPLE_REQUISITOS'];

/** The attempt ended before it sent anything: the circuit held it back, or the register refused the turn. */
const SIN_ENVIO: readonly TipoFallo[] = [
  'CIRCUITO_ABIERTO',
  'TURNO_PERDIDO',
  'SOLICITUD_NO_REEJECUTABLE',
  'RESULTADO_INCIERTO',
];

/**
 * @returns null where the run is open
 * @throws HistoriaIlegible
 */
export async function interpretarHistoria(
  runId: string,
  eventos: readonly Evento[],
  converter: LoadedDataConverter,
): Promise<HistoriaDeRun | null> {
  try {
    const decodificar = createDecodificar(converter);
    const ultimo = eventos.at(-1);
    const fin = ultimo && (await finEn(ultimo, decodificar));
    const primero = eventos[0];
    const inicio = primero?.workflowExecutionStartedEventAttributes;
    if (!fin || !inicio) return null;
    const [entrada] = (await decodificar(inicio.input)) as [EntradaEmision];
    return {
      runId,
      entrada,
      inicio: fechaDe(primero),
      cierre: fechaDe(ultimo),
      fin,
      paso1: await rastroDe<RespuestaPaso1>('generarNumerosSolicitud', eventos, decodificar),
      paso2: await rastroDe<RespuestaPaso2>('generarCertificadoDigitalDniE', eventos, decodificar),
    };
  } catch (cause) {
    throw new HistoriaIlegible({ cause });
  }
}

async function finEn(evento: Evento, decodificar: Decodificar): Promise<FinDeRunCerrada | null> {
  if (evento.workflowExecutionCompletedEventAttributes) {
    const [resultado] = await decodificar(evento.workflowExecutionCompletedEventAttributes.result);
    return { tipo: 'COMPLETADO', resultado: resultado as ResultadoEmision };
  }
  if (evento.workflowExecutionFailedEventAttributes) {
    const { failure } = evento.workflowExecutionFailedEventAttributes;
    const tipo = tipoDe(failure);
    // Not a failure that the workflow threw: the SDK or the server ended it.
    if (!tipo) return { tipo: 'SIN_DESENLACE' };
    const [fallo, registrado] = await decodificar(failure?.applicationFailureInfo?.details);
    return {
      tipo: 'FALLIDO',
      fallo: (fallo as FalloDeEmision | undefined) ?? { tipo, paso: null, detalles: [] },
      registrado: esCierre(registrado) ? registrado : null,
    };
  }
  const cortada =
    evento.workflowExecutionTerminatedEventAttributes ??
    evento.workflowExecutionTimedOutEventAttributes ??
    evento.workflowExecutionCanceledEventAttributes;
  return cortada ? { tipo: 'SIN_DESENLACE' } : null;
}

function esCierre(valor: unknown): valor is CierreRegistrado {
  return typeof (valor as Partial<CierreRegistrado> | undefined)?.resultadoIncierto === 'boolean';
}

async function rastroDe<R>(
  actividad: string,
  eventos: readonly Evento[],
  decodificar: Decodificar,
): Promise<Rastro<R>> {
  const ids = new Set(
    eventos
      .filter((evento) => evento.activityTaskScheduledEventAttributes?.activityType?.name === actividad)
      .map(({ eventId }) => String(eventId)),
  );
  const rastro: Rastro<R> = { intentos: 0, respuesta: null, nadaHecho: 'NO' };
  if (ids.size === 0) return rastro;
  const esSuyo = (atributos: { scheduledEventId?: unknown } | null | undefined) =>
    atributos !== null && atributos !== undefined && ids.has(String(atributos.scheduledEventId));

  // An attempt that was under way when the run was cut short has left no event.
  rastro.intentos = ids.size;
  for (const evento of eventos) {
    const empezada = evento.activityTaskStartedEventAttributes;
    if (esSuyo(empezada)) rastro.intentos = Math.max(rastro.intentos, empezada?.attempt ?? 1);
    const terminada = evento.activityTaskCompletedEventAttributes;
    if (esSuyo(terminada)) [rastro.respuesta] = (await decodificar(terminada?.result)) as [R];
    const fallida = evento.activityTaskFailedEventAttributes;
    if (esSuyo(fallida)) rastro.nadaHecho = nadaHechoTras(tipoDe(fallida?.failure), rastro.intentos);
  }
  return rastro;
}

/** Of several attempts only the last says how it ended: any of the others may have been left without an answer. */
function nadaHechoTras(tipo: TipoFallo | null, intentos: number): Rastro<unknown>['nadaHecho'] {
  if (tipo && DEFINITIVOS.includes(tipo)) return 'DEFINITIVO';
  return tipo && SIN_ENVIO.includes(tipo) && intentos === 1 ? 'SI' : 'NO';
}

function tipoDe(fallo: Fallo): TipoFallo | null {
  const tipo = fallo?.applicationFailureInfo?.type;
  return esTipoFallo(tipo) ? tipo : null;
}

function createDecodificar({ payloadCodecs, payloadConverter }: LoadedDataConverter): Decodificar {
  return async (payloads) => {
    let decodificados = (payloads?.payloads ?? []) as Payload[];
    for (const codec of payloadCodecs.toReversed()) decodificados = await codec.decode(decodificados);
    return decodificados.map((payload) => payloadConverter.fromPayload(payload));
  };
}

function fechaDe({ eventTime }: Evento): Date {
  return new Date(Number(eventTime?.seconds ?? 0) * 1000 + Math.floor((eventTime?.nanos ?? 0) / 1_000_000));
}
