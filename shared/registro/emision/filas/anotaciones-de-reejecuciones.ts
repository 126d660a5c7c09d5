/** The audit entries of bulk re-runs. */
import { anotarEntrada } from '../../../bitacora/entrada.ts';
import type { Claves } from '../../../runtime/claves/claves.ts';
import type { Tx } from './esquema.ts';

/** The domain of these entries; each is about a bulk re-run, by its id. */
export const DOMINIO_DE_REEJECUCIONES = 'reejecucion';
export const REEJECUCION_ORDENADA = 'REEJECUCION_ORDENADA';
/** Retention took away why and by whom it was ordered. */
export const ORDEN_RETIRADA = 'ORDEN_RETIRADA';

export function anotarReejecucion(
  tx: Tx,
  claves: Claves,
  id: string,
  evento: typeof REEJECUCION_ORDENADA | typeof ORDEN_RETIRADA,
): Promise<string> {
  const deElla = { dominio: DOMINIO_DE_REEJECUCIONES, codigo: id, generacion: null, runId: null };
  return anotarEntrada(tx, claves, { ...deElla, evento, contenido: {} });
}
