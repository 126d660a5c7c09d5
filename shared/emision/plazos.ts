/** Every timeout and retry number of the issuance that is not a variable of the environment, with its reason. */

/** An attempt may take the PKI's timeout and this much more for its marks in the register. */
export const MARGEN_INTENTO_MS = 5_000;

/** An attempt whose worker died is noticed after this, not after the whole attempt; it beats three times in it. */
export const LATIDO_MS = 6_000;

/** Waits between attempts: 1, 2, 4 … 30 s, each up to 20 % shorter or longer, so that held work does not return as one. */
export const ESPERA_INICIAL_MS = 1_000;
export const ESPERA_MAXIMA_MS = 30_000;
export const FACTOR_ESPERA = 2;
const VARIACION_ESPERA = 0.2;

/** A refusal or a reply that makes no sense rarely passes by itself: a few tries, then support. */
export const INTENTOS_POCOS = 3;

/** One write to the register. Retried until it succeeds: an outcome that is not recorded would be lost. */
export const ESCRITURA_MS = 15_000;
export const ESPERA_REGISTRO_INICIAL_MS = 200;
export const ESPERA_REGISTRO_MAXIMA_MS = 5_000;

/** A run's workflow task goes to the worker that remembers it; after this a dead worker's runs go to another. */
export const COLA_PROPIA_MS = 3_000;

/** Calls to Temporal from the API: what waits longer is answered from describe() and the register. */
export const CONSULTA_MS = 1_500;
export const LLAMADA_TEMPORAL_MS = 5_000;

/** Retry-After of an answer that says EN_PROCESO, in seconds. */
export const CONSULTAR_DE_NUEVO_S = 5;

/**
 * Wait before the next attempt.
 * @param intento the attempt that failed, from 1
 * @param azar in [0, 1)
 */
export function esperaTrasIntentoMs(intento: number, azar: number): number {
  const base = Math.min(ESPERA_INICIAL_MS * FACTOR_ESPERA ** (intento - 1), ESPERA_MAXIMA_MS);
  return Math.round(base * (1 + VARIACION_ESPERA * (2 * azar - 1)));
}
