/** What a route tells the OpenAPI document of itself. */
import type { z } from 'zod';
import { FALLOS, type TipoFallo } from '../../shared/emision/fallos.ts';
import { construirSobre, errorDe } from './sobre.ts';

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
/** Of every answer to a request that was counted: one whose token and scope are good. */
export const CABECERAS_DE_LIMITE = [
  'RateLimit-Limit',
  'RateLimit-Remaining',
  'RateLimit-Reset',
  'RateLimit-Policy',
] as const;

export type CabeceraDeRespuesta = keyof typeof CABECERAS_DE_RESPUESTA;

export interface RespuestaDocumentada {
  codigo: number;
  descripcion: string;
  esquema: EsquemaConNombre;
  cabeceras: readonly CabeceraDeRespuesta[];
  ejemplos: Record<string, unknown>;
  /** The same data as text/csv, where Accept asks for it: an example. */
  csv?: string;
}

export interface OperacionDocumentada {
  operationId: string;
  resumen: string;
  descripcion: string;
  etiqueta: string;
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
 * One response for each code that the failures have, with an example of each failure.
 * @param datos of the transaction, in the examples of failures that tell one
 * @param titulos of failures that the route names in words of its own
 */
export function respuestasDeFallos(
  fallos: readonly TipoFallo[],
  esquema: EsquemaConNombre,
  datos: Partial<Record<TipoFallo, unknown>> = {},
  titulos: Partial<Record<TipoFallo, string>> = {},
): RespuestaDocumentada[] {
  const tituloDe = (fallo: TipoFallo) => titulos[fallo] ?? FALLOS[fallo].titulo;
  return [...Map.groupBy(fallos, (fallo) => FALLOS[fallo].codigo)]
    .sort(([a], [b]) => a - b)
    .map(([codigo, delCodigo]) => ({
      codigo,
      descripcion: delCodigo.map((fallo) => `\`${FALLOS[fallo].tipo}\`: ${tituloDe(fallo)}`).join('. '),
      esquema,
      cabeceras: ['X-Correlation-ID', ...cabecerasDe(codigo)],
      ejemplos: Object.fromEntries(
        delCodigo.map((fallo) => [
          fallo,
          construirSobre(
            codigo,
            {
              success: false,
              message: tituloDe(fallo),
              data: datos[fallo] ?? null,
              error: errorDe(fallo, [], tituloDe(fallo)),
            },
            META_DE_EJEMPLO,
          ),
        ]),
      ),
    }));
}

function cabecerasDe(codigo: number): CabeceraDeRespuesta[] {
  const { TOKEN_INVALIDO, SIN_PERMISOS, METODO_NO_PERMITIDO, SOLICITUD_EN_PROCESO, LIMITE_EXCEDIDO } = FALLOS;
  if (codigo === TOKEN_INVALIDO.codigo || codigo === SIN_PERMISOS.codigo) return ['WWW-Authenticate'];
  if (codigo === METODO_NO_PERMITIDO.codigo) return ['Allow'];
  if (codigo === LIMITE_EXCEDIDO.codigo) return [...CABECERAS_DE_LIMITE, 'Retry-After'];
  const esperable = codigo === SOLICITUD_EN_PROCESO.codigo || codigo > FALLOS.ERROR_INTERNO.codigo;
  return [...CABECERAS_DE_LIMITE, ...(esperable ? (['Location', 'Retry-After'] as const) : [])];
}
