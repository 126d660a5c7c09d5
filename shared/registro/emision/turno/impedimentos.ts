/** Why a run, or an order, may not act: the failure, and the words that SIIRC or support reads. */
import type { TipoFallo } from '../../../emision/fallos.ts';

/** Why not; `motivo` tells the caller what to do. */
export interface Impedimento {
  fallo: TipoFallo;
  motivo: string;
}

export const CORREGIDA: Impedimento = {
  fallo: 'SOLICITUD_NO_REEJECUTABLE',
  motivo: 'La solicitud fue corregida después de esta orden: revísela y ordene su ejecución de nuevo.',
};

export const DE_OTRO_CLIENTE: Impedimento = {
  fallo: 'CODIGO_REUTILIZADO',
  motivo: 'El codigoSolicitudTramite pertenece a una solicitud que envió otro cliente.',
};

export const DATOS_RETIRADOS: Impedimento = {
  fallo: 'SOLICITUD_NO_REEJECUTABLE',
  motivo:
    'Los datos de la solicitud se retiraron al vencer su plazo de conservación: sólo quien la envió puede enviarla de nuevo, sin correcciones.',
};

/** As DATOS_RETIRADOS, for who orders it and did not send it. */
export const SIN_DATOS_PARA_ORDENAR: Impedimento = {
  fallo: 'SOLICITUD_NO_REEJECUTABLE',
  motivo:
    'Los datos de la solicitud se retiraron al vencer su plazo de conservación y ya no puede ejecutarse desde aquí: quien la envió puede enviarla de nuevo, sin correcciones, o con un código nuevo.',
};

export const EN_PROCESO: Impedimento = {
  fallo: 'SOLICITUD_EN_PROCESO',
  motivo: 'La solicitud está en proceso: espere su resultado; si falla, ordene su ejecución de nuevo.',
};

export const COMPLETADA: Impedimento = {
  fallo: 'SOLICITUD_NO_REEJECUTABLE',
  motivo: 'La solicitud está COMPLETADO y no se ejecuta de nuevo: sus certificados se consultan con un GET.',
};

export const DESCARTADA: Impedimento = {
  fallo: 'SOLICITUD_NO_REEJECUTABLE',
  motivo:
    'Soporte descartó lo que la PKI pudo haber emitido: sólo una nueva emisión, ordenada por soporte, ejecuta de nuevo esta solicitud.',
};

export const INCIERTA_Y_CORREGIDA: Impedimento = {
  fallo: 'CODIGO_REUTILIZADO',
  motivo:
    'El resultado de la emisión anterior es incierto: hasta aclararlo sólo se admite la misma solicitud, sin correcciones.',
};

export const INCIERTA_Y_SIN_REPETICION: Impedimento = {
  fallo: 'SOLICITUD_NO_REEJECUTABLE',
  motivo:
    'No se sabe si la PKI llegó a emitir los certificados, y su adaptador no admite repetir la emisión: soporte debe resolverla.',
};

export const SIN_CON_QUE_COMPARAR: Impedimento = {
  fallo: 'CODIGO_REUTILIZADO',
  motivo:
    'El codigoSolicitudTramite pertenece a una solicitud anterior cuyos datos ya se retiraron: sólo se admite la misma, sin correcciones; para corregirla use un código nuevo.',
};

export const CORRECCION_CON_DOCUMENTO: Impedimento = {
  fallo: 'CODIGO_REUTILIZADO',
  motivo:
    'El codigoSolicitudTramite pertenece a una solicitud anterior; tras un fallo sólo pueden corregirse los datos del ciudadano y su documento.',
};

export const CORRECCION_SIN_DOCUMENTO: Impedimento = {
  fallo: 'CODIGO_REUTILIZADO',
  motivo:
    'El codigoSolicitudTramite pertenece a una solicitud anterior; tras un fallo sólo pueden corregirse los datos del ciudadano.',
};

export const NO_ORDENADA: Impedimento = {
  fallo: 'TURNO_PERDIDO',
  motivo: 'Esta ejecución es de una emisión que soporte no ha ordenado, o cuya orden ya se perdió.',
};

export const INCIERTA_ANTES_DE_NUEVA: Impedimento = {
  fallo: 'SOLICITUD_NO_REEJECUTABLE',
  motivo:
    'El resultado de la emisión anterior es incierto: soporte debe resolverlo antes de ordenar una nueva emisión.',
};

export const PUEDE_ESTAR_HECHO: Impedimento = {
  fallo: 'RESULTADO_INCIERTO',
  motivo:
    'Un envío anterior del paso 2 quedó sin respuesta clara y el adaptador no admite repetirlo; no se envió otra vez.',
};

export const RESPUESTA_RETIRADA: Impedimento = {
  fallo: 'SOLICITUD_NO_REEJECUTABLE',
  motivo:
    'La PKI ya respondió al paso 2, el adaptador no admite repetirlo y lo recibido se retiró al vencer su plazo de conservación: sólo una nueva emisión, ordenada por soporte, ejecuta de nuevo esta solicitud.',
};
