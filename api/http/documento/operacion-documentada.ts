/** What a route tells the OpenAPI document of itself. */
import type { z } from 'zod';
import { FALLOS_HTTP, type Fallo } from '../../../shared/nucleo/fallos.ts';
import { construirSobre, errorDeFallo } from '../peticion/sobre.ts';

/** A schema under the name that it has in the document. */
export interface EsquemaConNombre {
  nombre: string;
  esquema: z.ZodType;
}

export interface ParametroDocumentado {
  nombre: string;
  en: 'header' | 'path' | 'query';
  /** Absent: the parameter is mandatory. */
  opcional?: boolean;
  descripcion: string;
  esquema: z.ZodType;
  ejemplo: string;
}

export const CABECERAS_DE_RESPUESTA = {
  'X-Correlation-ID': 'El recibido; si falta o no es un UUID, uno nuevo',
  Location: 'Dónde consultar lo que sigue EN_PROCESO',
  'Preference-Applied': 'Lo que se atendió de Prefer (RFC 7240)',
  'Retry-After': 'Segundos que conviene esperar antes de preguntar o enviar de nuevo',
  'WWW-Authenticate': 'Qué falta o falla en el token (RFC 6750)',
  Allow: 'Métodos que la ruta admite',
  'RateLimit-Limit': 'Peticiones por minuto del límite más cercano a agotarse',
  'RateLimit-Remaining': 'Cuántas de ellas quedan',
  'RateLimit-Reset': 'Segundos hasta que vuelven a estar todas',
  'RateLimit-Policy': 'El mismo límite, su ventana en segundos, y si es por cliente o, de él, por oficina',
} as const;
/** Headers of every answer to a counted request, which is one whose token and scope are good. */
export const CABECERAS_DE_LIMITE = [
  'RateLimit-Limit',
  'RateLimit-Remaining',
  'RateLimit-Reset',
  'RateLimit-Policy',
] as const;

export type CabeceraDeRespuesta = keyof typeof CABECERAS_DE_RESPUESTA;

export interface RespuestaDocumentada {
  statusCode: number;
  descripcion: string;
  /** What a client is told that failed; absent: nothing. */
  fallos?: readonly Fallo[];
  esquema: EsquemaConNombre;
  cabeceras: readonly CabeceraDeRespuesta[];
  ejemplos: Record<string, unknown>;
  /** The same data as text/csv, where Accept asks for it: an example. */
  csv?: string;
}

/** A group of operations. */
export interface Etiqueta {
  /** In ASCII: generators of clients make the name of a module of it. */
  nombre: string;
  descripcion: string;
}

export interface OperacionDocumentada {
  operationId: string;
  resumen: string;
  descripcion: string;
  etiqueta: Etiqueta;
  parametros?: readonly ParametroDocumentado[];
  cuerpo?: EsquemaConNombre & { ejemplo: unknown };
  respuestas: readonly RespuestaDocumentada[];
}

/** Moment and id of every example. */
export const META_DE_EJEMPLO = {
  correlationId: '7d4f2f5e-0c5b-4a7e-9a53-1f0f6c2f9b10',
  ahora: new Date('2026-11-22T10:00:01Z'),
  tiempoMs: 123,
};

/**
 * One response for each HTTP status of the failures, with an example of each failure.
 * @param datos by the name of a failure, the data of the transaction that its example tells
 */
export function respuestasDeFallos(
  fallos: readonly Fallo[],
  esquema: EsquemaConNombre,
  datos: Record<string, unknown> = {},
): RespuestaDocumentada[] {
  return [...Map.groupBy(fallos, ({ statusCode }) => statusCode)]
    .sort(([a], [b]) => a - b)
    .map(([statusCode, suyos]) => ({
      statusCode,
      fallos: suyos,
      descripcion: suyos.map(({ tipo, titulo }) => `\`${tipo}\`: ${titulo}`).join('. '),
      esquema,
      cabeceras: ['X-Correlation-ID', ...cabecerasDe(statusCode)],
      ejemplos: Object.fromEntries(
        suyos.map((fallo) => [
          fallo.nombre,
          construirSobre(
            statusCode,
            {
              success: false,
              message: fallo.titulo,
              data: datos[fallo.nombre] ?? null,
              error: errorDeFallo(fallo, []),
            },
            META_DE_EJEMPLO,
          ),
        ]),
      ),
    }));
}

/**
 * After a conflict, or a failure beyond this server, what the client asked for may still go on, or be asked for again.
 */
const CONFLICTO = 409;

function cabecerasDe(statusCode: number): CabeceraDeRespuesta[] {
  const { TOKEN_INVALIDO, SIN_PERMISOS, METODO_NO_PERMITIDO, LIMITE_EXCEDIDO, ERROR_INTERNO } = FALLOS_HTTP;
  if (statusCode === TOKEN_INVALIDO.statusCode || statusCode === SIN_PERMISOS.statusCode)
    return ['WWW-Authenticate'];
  if (statusCode === METODO_NO_PERMITIDO.statusCode) return ['Allow'];
  if (statusCode === LIMITE_EXCEDIDO.statusCode) return [...CABECERAS_DE_LIMITE, 'Retry-After'];
  const esperable = statusCode === CONFLICTO || statusCode > ERROR_INTERNO.statusCode;
  return [...CABECERAS_DE_LIMITE, ...(esperable ? (['Location', 'Retry-After'] as const) : [])];
}
