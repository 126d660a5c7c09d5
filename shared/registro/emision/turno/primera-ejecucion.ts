/**
 * Whether no other run of the codigo can have done anything, so that a row that is not there was never there: told without
 * the list of its closed runs, which Temporal serves ten times a second (ADR 49). Pure, as decision.ts.
 */
import { ARRANQUE_MAXIMO_MS, ESPERA_DE_UN_WORKER_MS } from '../../../emision/plazos.ts';
import type { RunDescrita } from '../../../motor/emision/motor.ts';
import type { Pretension } from './pretension.ts';

/**
 * The input says so, and its seal is this service's. Whoever reaches Temporal can end the run and start the same input
 * again, and a register that was restored since would not know of the first: so it counts only for a run that a start began
 * right after the acceptance, and only for as long.
 */
export function esLaPrimeraEjecucion(
  { entrada, esLoPrimero = false }: Pretension,
  { comienzo }: RunDescrita,
  ahoraMs: number,
): boolean {
  if (!esLoPrimero || entrada?.esPrimera !== true) return false;
  if (!comienzo?.esDeUnInicio || !comienzo.estaEnSuPrimeraTarea) return false;
  // Only what a client sent for the first time is started so.
  if (entrada.generacion !== 1 || entrada.reejecucion !== undefined) return false;
  const aceptadaMs = Date.parse(entrada.aceptadaEn);
  return (
    Math.abs(comienzo.en.getTime() - aceptadaMs) <= ARRANQUE_MAXIMO_MS &&
    Math.abs(ahoraMs - aceptadaMs) <= ESPERA_DE_UN_WORKER_MS
  );
}
