/**
 * What readers find in the place of a payload that Temporal brought and that this service did not seal for that place.
 * It is no value of any contract, so that a reader who checks what he reads refuses it; a reader who must not even try
 * asks here. It is a value and no error: an error would fail the task of a run again and again, and the run with it.
 */

/** SIN_SELLO: in clear. DE_OTRO_LUGAR: sealed for another workflow id, namespace or kind. NO_ABRE: the seal is broken. */
export type MotivoDeRechazo = 'SIN_SELLO' | 'DE_OTRO_LUGAR' | 'NO_ABRE';

export interface CargaRechazada {
  cargaRechazada: MotivoDeRechazo;
}

export function esCargaRechazada(valor: unknown): valor is CargaRechazada {
  return typeof valor === 'object' && valor !== null && 'cargaRechazada' in valor;
}
