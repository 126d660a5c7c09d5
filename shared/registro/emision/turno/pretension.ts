/** What a run wants, and what the row says, as the decision takes them. */
import {
  referenciaDe,
  type EntradaDeRun,
  type EntradaEmision,
  type Paso,
  type ReferenciaEmision,
} from '../../../emision/contrato.ts';
import { cambioEntre } from '../../../emision/misma-solicitud.ts';
import { estaSinAclarar, type EmisionRegistrada } from '../filas/filas.ts';
import {
  impedimentoParaEjecutarDeNuevo,
  type FilaDelCodigo,
  type Pretendido,
  type PretendidoPorRun,
} from './decision.ts';
import type { Impedimento } from './impedimentos.ts';

/** Who wants to act: the run, the request it works on, and its input where the row may have to be made anew. */
export interface Pretension {
  runId: string;
  referencia: ReferenciaEmision;
  entrada: EntradaDeRun | null;
  /** It is the first that the run asks of the register: it has sent nothing, and no row of its own can be lost. */
  esLoPrimero?: boolean;
  /** How far the run's sends may have got, where the row is made anew because it was lost. */
  pasoAlcanzado?: Paso | null;
  /** It brings what the PKI answered in step 2: nothing is sent again, and what was uncertain is settled. */
  traeRespuesta?: boolean;
}

/** What a run wants with its own input. */
export function pretensionDe(entrada: EntradaDeRun, runId: string): Pretension {
  return { runId, entrada, referencia: referenciaDe(entrada) };
}

export function filaDelCodigo(emision: EmisionRegistrada): FilaDelCodigo {
  const { generacion, estado, runId, huellaSolicitud, cliente, peticion, resolucion, pasos } = emision;
  return {
    ...{ generacion, estado, runId, huellaSolicitud, cliente, resolucion },
    tienePeticion: peticion !== null,
    estaSinAclarar: estaSinAclarar(emision),
    paso1SinRastro: pasos[1].estado !== 'COMPLETADO' && pasos[1].envios_sin_aclarar.length === 0,
  };
}

export function pretendidoPorRun(
  emision: EmisionRegistrada | null,
  { runId, referencia, entrada, traeRespuesta = false }: Pretension,
): PretendidoPorRun {
  const { generacion, huellaSolicitud } = referencia;
  // Without an input it goes on with what the register holds, whosever that is.
  const lasDelRegistro = { traeEntrada: false, cambio: null, cliente: null, esOrden: false };
  return {
    ...(entrada ? pretendidoCon(emision, entrada) : { generacion, huellaSolicitud, ...lasDelRegistro }),
    runId,
    traeRespuesta,
  };
}

function pretendidoCon(emision: EmisionRegistrada | null, entrada: EntradaEmision): Pretendido {
  const { generacion, huellaSolicitud, contexto, reejecucion, solicitud } = entrada;
  return {
    generacion,
    huellaSolicitud,
    traeEntrada: true,
    cambio: emision?.peticion ? cambioEntre(emision.peticion.solicitud, solicitud) : null,
    cliente: contexto.cliente ?? null,
    esOrden: reejecucion !== undefined,
  };
}

/** Whether the same request, sent again by who sent it, would run a failed issuance again; null where it would. */
export function impedimentoParaRepetir(
  emision: EmisionRegistrada,
  adaptadorIdempotente: boolean,
): Impedimento | null {
  const fila = filaDelCodigo(emision);
  const { generacion, huellaSolicitud, cliente, tienePeticion } = fila;
  const laMisma = {
    ...{ generacion, huellaSolicitud, cliente },
    traeEntrada: true,
    cambio: tienePeticion ? ('NINGUNO' as const) : null,
    esOrden: false,
  };
  return impedimentoParaEjecutarDeNuevo(fila, laMisma, adaptadorIdempotente);
}

/** Whether a failed issuance may run again with this input; null where it may. The run itself is told again. */
export function impedimentoPara(
  emision: EmisionRegistrada,
  entrada: EntradaEmision,
  adaptadorIdempotente: boolean,
): Impedimento | null {
  return impedimentoParaEjecutarDeNuevo(
    filaDelCodigo(emision),
    pretendidoCon(emision, entrada),
    adaptadorIdempotente,
  );
}
