/**
 * What operators read in Temporal's UI, beside the ids. The mark keeps these texts in clear (shared/runtime/temporal/codec.ts), so
 * none of them may ever hold anything of a citizen.
 */
import { recortar } from '../nucleo/recorte.ts';
import type { EntradaEmision } from './contrato.ts';

/** Temporal takes 400 bytes of a summary. */
const PARTE_MAX_BYTES = 80;

/** One issuance told from another: where it comes from, and what it asks for. The codigo is its workflow id. */
export function resumenDeEmision({ contexto, solicitud, generacion, reejecucion }: EntradaEmision): string {
  const tipos = solicitud.configuracionCertificados.tipoCertificados.join(', ');
  return [
    `▸ ${recortar(contexto.oficinaEjecucion, PARTE_MAX_BYTES)}`,
    recortar(contexto.canal, PARTE_MAX_BYTES),
    tipos,
    ...(generacion > 1 ? [`${generacion}.ª emisión`] : []),
    ...(reejecucion ? ['reejecución'] : []),
  ].join(' · ');
}

export const RESUMEN_REEJECUCION = '▸ Reejecución de solicitudes fallidas';
export const RESUMEN_CONCILIACION = '▸ Conciliación del registro con Temporal';
export const RESUMEN_RETENCION = '▸ Retiro de datos personales al vencer su plazo';
export const RESUMEN_RECIFRADO = '▸ Cifrado del registro con la primera clave';
export const RESUMEN_PASOS = {
  1: '▸ Paso 1: números de solicitud y claves',
  2: '▸ Paso 2: certificados',
} as const;
