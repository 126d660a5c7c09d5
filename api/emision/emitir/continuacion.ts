/** The input of a run that goes on with a failed codigo: what the register knows of it, and whose it is. */
import type { EntradaEmision } from '../../../shared/emision/contrato.ts';
import type { EmisionRegistrada } from '../../../shared/registro/emision/registro.ts';

export function continuacionDe(entrada: EntradaEmision, emision: EmisionRegistrada): EntradaEmision {
  return {
    ...entrada,
    contexto: { ...entrada.contexto, ...(emision.cliente !== null && { cliente: emision.cliente }) },
    generacion: emision.generacion,
    solicitudPkiId: emision.pasos[1].solicitud_pki_id,
    aceptadaEn: emision.aceptadaEn.toISOString(),
  };
}
