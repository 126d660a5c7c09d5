/**
 * Who may act for a codigo, decided once and in one place: a pure function of what the row says, what Temporal says and
 * what the run wants. Nothing here reads or writes; turno.ts carries it out in one transaction. The rules: docs/rules.md.
 */
import type { TipoFallo } from '../../../emision/fallos.ts';
import type { EstadoEmision } from '../../../emision/emision.ts';
import type { Cambio } from '../../../emision/misma-solicitud.ts';
import type { Decision as Resolucion } from '../../../emision/soporte.ts';
import {
  CORREGIDA,
  DE_OTRO_CLIENTE,
  DATOS_RETIRADOS,
  SIN_DATOS_PARA_ORDENAR,
  EN_PROCESO,
  COMPLETADA,
  DESCARTADA,
  INCIERTA_Y_CORREGIDA,
  INCIERTA_Y_SIN_REPETICION,
  SIN_CON_QUE_COMPARAR,
  CORRECCION_CON_DOCUMENTO,
  CORRECCION_SIN_DOCUMENTO,
  NO_ORDENADA,
  INCIERTA_ANTES_DE_NUEVA,
  type Impedimento,
} from './impedimentos.ts';

/** What of a codigo's row decides. */
export interface FilaDelCodigo {
  generacion: number;
  estado: EstadoEmision;
  /** The run that owns it. */
  runId: string;
  huellaSolicitud: string;
  /** Keyed hash of the client that sent it; null where that was not kept. */
  cliente: string | null;
  /** False once retention took the request away. */
  tienePeticion: boolean;
  /** Some send of step 2 was answered by nothing that tells how it ended. */
  estaSinAclarar: boolean;
  /** Step 1 is not done, and none of its sends is unclear: the PKI holds nothing that was made for the document. */
  paso1SinRastro: boolean;
  resolucion: Resolucion | null;
}

/** What a run, or whoever wants one to begin, asks for. */
export interface Pretendido {
  generacion: number;
  huellaSolicitud: string;
  /** It brings its own request; else it names one that the register holds. */
  traeEntrada: boolean;
  /** From the request that the row holds; null where it holds none any more. */
  cambio: Cambio | null;
  /** Keyed hash of the client that it is of; null where it names none. */
  cliente: string | null;
  /** Support ordered it. */
  esOrden: boolean;
}

/** As Pretendido, by a run. */
export interface PretendidoPorRun extends Pretendido {
  runId: string;
  /** It brings what the PKI answered in step 2: nothing is sent again, and what was uncertain is settled. */
  traeRespuesta: boolean;
}

/** What Temporal was asked, and said. */
export interface DichoPorTemporal {
  /** The owner of the row before Temporal named this run as the open one: this run may take its place. */
  reemplazable: string | null;
  /** The row, or that there is none, is what the codigo's closed runs left. */
  estaAlDia: boolean;
}

export type DecisionDeTurno =
  /** It owns the row, and the issuance is under way. */
  | { tipo: 'ES_SUYO' }
  /** The issuance has its outcome: it is told. */
  | { tipo: 'ESTA_CERRADA' }
  /** Temporal must say first which run is open, and what the closed ones left. */
  | { tipo: 'PREGUNTAR_A_TEMPORAL' }
  /** There is no row: it makes it, with the lock. */
  | { tipo: 'REGISTRAR' }
  /** The owner closed without an outcome, and this run goes on with the same work. */
  | { tipo: 'TRASPASAR' }
  /** A failed issuance goes on under it: in its generation, or in the next. What the owner left open fails first. */
  | { tipo: 'REABRIR'; interrumpeAntes: boolean }
  | ({ tipo: 'NEGAR' } & Impedimento);

/** @param adaptadorIdempotente MsAdaptadorPKI repeats the answer of a key */
export function decidirTurno(
  fila: FilaDelCodigo | null,
  pretendido: PretendidoPorRun,
  { reemplazable, estaAlDia }: DichoPorTemporal,
  adaptadorIdempotente: boolean,
): DecisionDeTurno {
  if (!fila) {
    if (!pretendido.traeEntrada) return negar('TURNO_PERDIDO', 'El registro no conoce esta solicitud.');
    // An idempotent adapter repeats what it did under the keys of the first generation: nothing need be known of it.
    const nadaHayQueSaber = adaptadorIdempotente && pretendido.generacion === 1;
    return estaAlDia || nadaHayQueSaber ? { tipo: 'REGISTRAR' } : { tipo: 'PREGUNTAR_A_TEMPORAL' };
  }
  // What a new issuance discarded is over for every run of it, however it comes back.
  if (pretendido.generacion < fila.generacion)
    return negar('TURNO_PERDIDO', 'La solicitud pasó a una nueva emisión.');
  if (fila.estado === 'COMPLETADO') return { tipo: 'ESTA_CERRADA' };
  if (fila.runId === pretendido.runId)
    return { tipo: fila.estado === 'EN_PROCESO' ? 'ES_SUYO' : 'ESTA_CERRADA' };
  if (fila.runId !== reemplazable) return { tipo: 'PREGUNTAR_A_TEMPORAL' };

  const esElMismoTrabajo =
    pretendido.generacion === fila.generacion && pretendido.huellaSolicitud === fila.huellaSolicitud;
  if (!esElMismoTrabajo && !pretendido.traeEntrada)
    return negar('TURNO_PERDIDO', 'La solicitud fue corregida después de esta ejecución.');
  if (fila.estado === 'EN_PROCESO' && esElMismoTrabajo) return { tipo: 'TRASPASAR' };
  const puedeRepetirse = adaptadorIdempotente || pretendido.traeRespuesta;
  const impedimento = impedimentoParaEjecutarDeNuevo(fila, pretendido, puedeRepetirse);
  return impedimento
    ? { tipo: 'NEGAR', ...impedimento }
    : { tipo: 'REABRIR', interrumpeAntes: fila.estado === 'EN_PROCESO' };
}

/**
 * Whether a failed issuance may run again for this request, in its generation or in the next (docs/rules.md: Uncertain,
 * Resolution, Corrections, New issuance). @returns null where it may
 */
export function impedimentoParaEjecutarDeNuevo(
  fila: FilaDelCodigo,
  pretendido: Pretendido,
  puedeRepetirse: boolean,
): Impedimento | null {
  return pretendido.generacion > fila.generacion
    ? impedimentoParaNuevaEmision(fila, pretendido)
    : impedimentoParaReabrir(fila, pretendido, puedeRepetirse);
}

/**
 * Whether support may order that it runs again, whatever the order says of it; what it says is decided by
 * impedimentoParaEjecutarDeNuevo. @returns null where it may
 */
export function impedimentoParaOrdenar({
  estado,
  tienePeticion,
}: Pick<FilaDelCodigo, 'estado' | 'tienePeticion'>): Impedimento | null {
  switch (estado) {
    case 'EN_PROCESO':
      return EN_PROCESO;
    case 'COMPLETADO':
      return COMPLETADA;
    case 'FALLIDO':
      return tienePeticion ? null : SIN_DATOS_PARA_ORDENAR;
  }
}

function impedimentoParaReabrir(
  fila: FilaDelCodigo,
  { huellaSolicitud, traeEntrada, cambio, cliente, esOrden }: Pretendido,
  puedeRepetirse: boolean,
): Impedimento | null {
  if (!traeEntrada && !fila.tienePeticion) return DATOS_RETIRADOS;
  // Whoever may go on with what another sent brings that one's hash. The version before names nobody.
  if (cliente !== null && fila.cliente !== null && cliente !== fila.cliente) return DE_OTRO_CLIENTE;
  const esLaMisma = huellaSolicitud === fila.huellaSolicitud;
  if (!esLaMisma && esOrden) return CORREGIDA;
  if (fila.estaSinAclarar) {
    if (!esLaMisma) return INCIERTA_Y_CORREGIDA;
    return puedeRepetirse ? null : INCIERTA_Y_SIN_REPETICION;
  }
  if (!esLaMisma) {
    if (cambio === null) return SIN_CON_QUE_COMPARAR;
    // The request numbers of step 1 are made for the document.
    const fijo: readonly Cambio[] = fila.paso1SinRastro
      ? ['LO_DEMAS']
      : ['LO_DEMAS', 'CIUDADANO_Y_DOCUMENTO'];
    if (fijo.includes(cambio))
      return fila.paso1SinRastro ? CORRECCION_CON_DOCUMENTO : CORRECCION_SIN_DOCUMENTO;
  }
  return fila.resolucion === 'EMITIDO_DESCARTADO' ? DESCARTADA : null;
}

function impedimentoParaNuevaEmision(
  fila: FilaDelCodigo,
  { huellaSolicitud, esOrden }: Pretendido,
): Impedimento | null {
  // Only an order of support raises it. A gap is of a register that was restored: what it skips goes on the to-revoke list.
  if (!esOrden) return NO_ORDENADA;
  if (huellaSolicitud !== fila.huellaSolicitud) return CORREGIDA;
  return fila.estaSinAclarar ? INCIERTA_ANTES_DE_NUEVA : null;
}

function negar(fallo: TipoFallo, motivo: string): DecisionDeTurno {
  return { tipo: 'NEGAR', fallo, motivo };
}
