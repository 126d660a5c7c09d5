/**
 * What goes first where work waits in one of Temporal's queues, and whose: first the issuances for which somebody stands at a
 * counter, then those that support ordered many of; among equals each office gets its share, however many another sent.
 */
import { recortar } from '../nucleo/recorte.ts';
import type { EntradaEmision } from './contrato.ts';

/** 1 to 5; the lower goes first. What says nothing has 3. */
const DE_UN_CLIENTE = 2;
const DE_UNA_MASIVA = 4;

/** Of a fairness key, in UTF-8: Temporal refuses a longer one. */
const BYTES_MAX = 64;

export interface PrioridadDeEmision {
  priorityKey: number;
  /** The office; no personal data: Temporal keeps it in clear. */
  fairnessKey: string;
}

/** @param esMasiva a bulk re-run begins it */
export function prioridadDe({ contexto }: EntradaEmision, esMasiva: boolean): PrioridadDeEmision {
  return {
    priorityKey: esMasiva ? DE_UNA_MASIVA : DE_UN_CLIENTE,
    fairnessKey: recortar(contexto.oficinaEjecucion, BYTES_MAX),
  };
}
