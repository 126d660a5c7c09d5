/** What the OpenAPI document says of the issuance's routes alike. */
import { z } from 'zod';
import { EXITOS, type TipoFallo } from '../../shared/emision/fallos.ts';
import {
  CABECERAS_DE_LIMITE,
  META_DE_EJEMPLO,
  respuestasDeFallos,
  type CabeceraDeRespuesta,
  type EsquemaConNombre,
  type ParametroDocumentado,
  type RespuestaDocumentada,
} from '../http/operacion-documentada.ts';
import { construirSobre, type Contenido } from '../http/sobre.ts';
import { datosDe, errorDeEmision, respuestaEmision } from './datos-emision.ts';
import { EJEMPLO_EMITIDO, EJEMPLO_EN_PROCESO, EJEMPLO_FALLIDO } from './ejemplos.ts';

export const RESPUESTA_EMISION: EsquemaConNombre = { nombre: 'RespuestaEmision', esquema: respuestaEmision };

/** What any request to a protected route may meet. */
export const FALLOS_COMUNES: readonly TipoFallo[] = [
  'VALIDACION',
  'TOKEN_INVALIDO',
  'SIN_PERMISOS',
  'METODO_NO_PERMITIDO',
  'TIEMPO_AGOTADO',
  'LIMITE_EXCEDIDO',
  'CABECERAS_EXCESIVAS',
  'ERROR_INTERNO',
  'SERVICIO_NO_DISPONIBLE',
];

export const CORRELACION: ParametroDocumentado = {
  nombre: 'X-Correlation-ID',
  en: 'header',
  opcional: true,
  descripcion:
    'Identificador de correlación, un UUID; se devuelve en la respuesta. Si falta o no es un UUID, uno nuevo',
  esquema: z.string(),
  ejemplo: META_DE_EJEMPLO.correlationId,
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

/** An answer that tells what was asked for. */
export function exito(
  codigo: number,
  descripcion: string,
  esquema: EsquemaConNombre,
  ejemplos: Record<string, Omit<Contenido, 'success'>>,
  cabeceras: readonly CabeceraDeRespuesta[] = [],
): RespuestaDocumentada {
  return {
    codigo,
    descripcion,
    esquema,
    cabeceras: ['X-Correlation-ID', ...CABECERAS_DE_LIMITE, ...cabeceras],
    ejemplos: Object.fromEntries(
      Object.entries(ejemplos).map(([nombre, contenido]) => [
        nombre,
        construirSobre(codigo, { success: true, ...contenido }, META_DE_EJEMPLO),
      ]),
    ),
  };
}

export const EMITIDA = {
  message: 'Certificados emitidos exitosamente',
  data: datosDe(EJEMPLO_EMITIDO),
};

/** Answers of what runs an issuance and waits for it. */
export function respuestasDeEjecucion(fallos: readonly TipoFallo[]): RespuestaDocumentada[] {
  const enProceso = datosDe(EJEMPLO_EN_PROCESO);
  return [
    exito(EXITOS.EMITIDO, 'Emitidos ahora', RESPUESTA_EMISION, { COMPLETADO: EMITIDA }, [
      'Preference-Applied',
    ]),
    exito(
      EXITOS.ACEPTADA,
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

/** A failed issuance, of which something else was asked: the error is the issuance's. */
export function fallida(message: string) {
  const error = errorDeEmision(EJEMPLO_FALLIDO);
  return { message, data: datosDe(EJEMPLO_FALLIDO), ...(error && { error }) };
}
