/**
 * What operators read in Temporal's UI, beside the ids. The mark keeps these texts in clear (shared/runtime/temporal/codec.ts), so
 * none of them may ever hold anything of a request.
 */
export const RESUMEN_EMISION = '▸ Emisión de certificados del DNIe';
export const RESUMEN_REEJECUCION = '▸ Reejecución de solicitudes fallidas';
export const RESUMEN_CONCILIACION = '▸ Conciliación del registro con Temporal';
export const RESUMEN_RETENCION = '▸ Retiro de datos personales al vencer su plazo';
export const RESUMEN_RECIFRADO = '▸ Cifrado del registro con la primera clave';
export const RESUMEN_PASOS = {
  1: '▸ Paso 1: números de solicitud y claves',
  2: '▸ Paso 2: certificados',
} as const;
