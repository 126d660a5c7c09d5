/** What the OpenAPI document says alike of every route that issues. */
import { z } from 'zod';
import { FALLOS } from '../../shared/emision/fallos.ts';
import type { Fallo } from '../../shared/nucleo/fallos.ts';
import {
  respuestasDeFallos,
  type EsquemaConNombre,
  type Etiqueta,
  type ParametroDocumentado,
  type RespuestaDocumentada,
} from '../http/documento/operacion-documentada.ts';
import { respuestaDeExito, FALLOS_COMUNES } from '../http/documento/respuestas-comunes.ts';
import { datosDeEmision, errorDeEmision, respuestaEmision } from './consultar/datos-emision.ts';
import { EXITOS_DE_EMISION } from './emitir/responder-desenlace.ts';
import { EJEMPLO_EMITIDO, EJEMPLO_EN_PROCESO, EJEMPLO_FALLIDO } from './ejemplos.ts';

export const RESPUESTA_EMISION: EsquemaConNombre = { nombre: 'RespuestaEmision', esquema: respuestaEmision };

export const ETIQUETA_DE_EMISION: Etiqueta = {
  nombre: 'emision',
  descripcion: 'Emitir los certificados de un ciudadano, y saber cómo va su emisión. De SIIRC.',
};

export const ETIQUETA_DE_SOPORTE: Etiqueta = {
  nombre: 'soporte',
  descripcion: 'Encontrar, ejecutar de nuevo y resolver lo que falló. De soporte.',
};

export const PREFER: ParametroDocumentado = {
  nombre: 'Prefer',
  en: 'header',
  opcional: true,
  descripcion:
    '`respond-async`: responde 202 sin esperar el resultado; `wait=N`: lo espera N segundos como máximo (RFC 7240). ' +
    'Lo que no se entiende se ignora.',
  esquema: z.string(),
  ejemplo: 'wait=20',
};

export const EJEMPLO_DE_SOBRE_EMITIDO = {
  message: 'Certificados emitidos exitosamente',
  data: datosDeEmision(EJEMPLO_EMITIDO),
};

/** What may come of running an issuance: the failures of any request, and its own. */
export const FALLOS_DE_EJECUCION: readonly Fallo[] = [
  ...FALLOS_COMUNES.filter(({ nombre }) => !Object.hasOwn(FALLOS, nombre)),
  ...Object.values(FALLOS),
];

/** The answers of a route that runs an issuance and waits for it. */
export function respuestasDeEjecucion(fallos: readonly Fallo[]): RespuestaDocumentada[] {
  const enProceso = datosDeEmision(EJEMPLO_EN_PROCESO);
  return [
    respuestaDeExito(
      EXITOS_DE_EMISION.EMITIDO,
      'Emitidos ahora',
      RESPUESTA_EMISION,
      { COMPLETADO: EJEMPLO_DE_SOBRE_EMITIDO },
      ['Preference-Applied'],
    ),
    respuestaDeExito(
      EXITOS_DE_EMISION.ACEPTADA,
      'Con `Prefer: respond-async`: el trabajo sigue, y `Location` dice dónde consultarlo',
      RESPUESTA_EMISION,
      { EN_PROCESO: { message: 'Solicitud aceptada: la emisión está en proceso', data: enProceso } },
      ['Location', 'Retry-After', 'Preference-Applied'],
    ),
    ...respuestasDeFallos(fallos, RESPUESTA_EMISION, {
      SOLICITUD_EN_PROCESO: enProceso,
      PKI_ERROR: enProceso,
      CIRCUITO_ABIERTO: enProceso,
      TIEMPO_PKI_AGOTADO: enProceso,
    }),
  ];
}

/** Example of a request that succeeded, about an issuance that failed: the error is the issuance's. */
export function ejemploDeSobreFallido(message: string) {
  const error = errorDeEmision(EJEMPLO_FALLIDO);
  return { message, data: datosDeEmision(EJEMPLO_FALLIDO), ...(error && { error }) };
}
