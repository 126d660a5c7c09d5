/** The memo of an issuance's run: a run whose row is not there yet can be shown, and told from a conflict. */
import type { EntradaEmision, MemoEmision } from './contrato.ts';
import { personasDe } from './titular.ts';

/** What every start of `entrada` keeps beside it, whoever starts it. */
export function memoDe({
  solicitud,
  contexto,
  huellaSolicitud,
  generacion,
  solicitudPkiId,
}: EntradaEmision): MemoEmision {
  return {
    requestId: contexto.requestId,
    huellaSolicitud,
    generacion,
    solicitudPkiId,
    ...personasDe({ solicitud, contexto }),
    ...(contexto.cliente !== undefined && { cliente: contexto.cliente }),
  };
}

/**
 * The higher generation of the two. The last run's is higher where it was a new issuance of which the register holds
 * nothing: it was turned away, or the register was restored from before it.
 */
export function conGeneracionDe(memo: MemoEmision | undefined, entrada: EntradaEmision): EntradaEmision {
  if (!memo || memo.generacion <= entrada.generacion) return entrada;
  return { ...entrada, generacion: memo.generacion, solicitudPkiId: memo.solicitudPkiId };
}
