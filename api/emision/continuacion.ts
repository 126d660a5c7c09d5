/** The input of a run that goes on with a failed codigo: what the register and the codigo's last run know of it. */
import type { EntradaEmision, MemoEmision } from '../../shared/emision/contrato.ts';
import type { EmisionRegistrada } from '../../shared/registro/registro.ts';

export function continuacionDe(entrada: EntradaEmision, emision: EmisionRegistrada): EntradaEmision {
  return {
    ...entrada,
    generacion: emision.generacion,
    solicitudPkiId: emision.pasos[1].solicitud_pki_id,
    aceptadaEn: emision.aceptadaEn.toISOString(),
  };
}

/**
 * The higher generation of the two. It is the last run's where that was a new issuance of which the register holds
 * nothing: it was turned away, or the register was restored from before it.
 */
export function conGeneracionDe(memo: MemoEmision | undefined, entrada: EntradaEmision): EntradaEmision {
  if (!memo || memo.generacion <= entrada.generacion) return entrada;
  return { ...entrada, generacion: memo.generacion, solicitudPkiId: memo.solicitudPkiId };
}
