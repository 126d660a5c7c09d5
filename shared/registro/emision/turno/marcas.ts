/**
 * The marks of a step: each send of which nobody knows what became, in the order in which they were to leave. Made just
 * before a send, cleared only by what says clearly how it ended. Pure, as decision.ts; envios.ts carries it out.
 */
import { randomUUID } from 'node:crypto';
import type { Paso } from '../../../emision/contrato.ts';
import type { CertezaDeEnvio } from '../../../emision/fallos.ts';
import { PUEDE_ESTAR_HECHO, RESPUESTA_RETIRADA, type Impedimento } from './impedimentos.ts';

export type Marcas = readonly string[];

/** Which send something is known of. */
export interface Enviado {
  runId: string;
  /** Its mark; null where only its run is known. */
  marca: string | null;
}

/** A send of which it is known that it did nothing. */
export type CertezaDeRechazo = Exclude<CertezaDeEnvio, 'DESCONOCIDO'>;

/** Of one send of the run and of no other, also where the register comes back from a copy. */
export function nuevaMarca(runId: string): string {
  return `${runId}#${randomUUID()}`;
}

/** Of a mark as nuevaMarca makes them, or of the run alone, as earlier versions wrote it and histories tell: any of its sends. */
export function esDelRun(marca: string, runId: string): boolean {
  return marca === runId || marca.startsWith(`${runId}#`);
}

/** What the register holds of the PKI's answer to a step: the answer itself, or that there was one. */
export type RespuestaGuardada = 'NINGUNA' | 'GUARDADA' | 'RETIRADA';

export type DecisionDeEnvio =
  | { tipo: 'MARCAR_Y_ENVIAR'; marcas: Marcas }
  /** An earlier attempt has brought the answer: nothing is sent. */
  | { tipo: 'DAR_LA_GUARDADA' }
  | ({ tipo: 'NEGAR' } & Impedimento);

/** Whether an attempt of the row's owner may leave now. */
export function decidirEnvio(
  paso: Paso,
  marca: string,
  marcas: Marcas,
  respuesta: RespuestaGuardada,
  adaptadorIdempotente: boolean,
): DecisionDeEnvio {
  if (respuesta === 'GUARDADA') return { tipo: 'DAR_LA_GUARDADA' };
  if (paso === 2 && !adaptadorIdempotente) {
    if (marcas.length > 0) return { tipo: 'NEGAR', ...PUEDE_ESTAR_HECHO };
    if (respuesta === 'RETIRADA') return { tipo: 'NEGAR', ...RESPUESTA_RETIRADA };
  }
  return { tipo: 'MARCAR_Y_ENVIAR', marcas: [...marcas, marca] };
}

/**
 * The marks that stay after a clear refusal of a send, or where it did not leave. A mark that is not there any more says
 * nothing of others.
 * @param certeza DEFINITIVO: the refusal is of the citizen, and so of what was sent before under the key; what comes behind
 *   may be worked on later. NADA_HECHO: of this send only.
 */
export function marcasTrasRechazo(marcas: Marcas, marca: string | null, certeza: CertezaDeRechazo): Marcas {
  const lugar = marca === null ? -1 : marcas.indexOf(marca);
  if (lugar < 0) return marcas;
  return certeza === 'DEFINITIVO' ? marcas.slice(lugar + 1) : marcas.toSpliced(lugar, 1);
}

/** The marks that stay once a send of the run brought the step's result: the one of its key, where the adapter repeats it. */
export function marcasTrasRespuesta(marcas: Marcas, runId: string, adaptadorIdempotente: boolean): Marcas {
  return adaptadorIdempotente ? [] : marcas.filter((una) => !esDelRun(una, runId));
}
