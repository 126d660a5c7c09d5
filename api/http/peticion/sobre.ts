/** The envelope of every answer: core specification, 3.1.1.2. */
import { z } from 'zod';
import type { Fallo } from '../../../shared/nucleo/fallos.ts';
import { fechaIso } from '../../../shared/nucleo/fechas.ts';

export const VERSION_API = '1.0.0';

/** A moment; what it is of is said by the description of the field. */
export const fechaHoraDeRespuesta = z
  .string()
  .meta({ format: 'date-time', examples: ['2026-11-22T10:00:00Z'], description: 'UTC, ISO 8601' });

/** `error.tipo`: the OpenAPI document lists every one that its operations tell. */
export const tipoDeError = z.string().meta({ id: 'TipoError' });

export const tituloDeError = z
  .string()
  .meta({ description: 'El tipo de error en palabras, para una persona' });

const errorDelSobre = z
  .object({
    tipo: tipoDeError,
    titulo: tituloDeError,
    estado: z.int().meta({
      description:
        'Código HTTP que corresponde al error; es otro que el de la respuesta donde un GET cuenta una emisión que falló',
    }),
    errores: z
      .array(
        z.object({
          detalleError: z.string().meta({ description: 'Qué estuvo mal, dónde, y qué hacer' }),
        }),
      )
      .meta({ description: 'Todas las faltas a la vez' }),
  })
  .meta({
    id: 'Error',
    description: 'Por qué falló la petición o, en un GET, la emisión; ausente si nada falló',
  });
export type ErrorDelSobre = z.infer<typeof errorDelSobre>;

const metadata = z
  .object({
    timestamp: fechaHoraDeRespuesta.meta({ description: 'Cuándo se respondió' }),
    correlationId: z.guid().meta({ description: 'El de la cabecera X-Correlation-ID de la respuesta' }),
    version: z.string().meta({ description: 'Versión de la API' }),
    tiempoRespuesta: z
      .string()
      .meta({ description: 'Lo que tardó la respuesta, en milisegundos', examples: ['123 ms'] }),
  })
  .meta({ id: 'Metadata', description: 'De la respuesta misma' });

/** Schema of the envelope around `data`. `error` is absent where nothing failed; nothing else is ever absent. */
export function esquemaSobre<D extends z.ZodType>(data: D) {
  return z.object({
    success: z.boolean().meta({ description: 'Si la petición se atendió' }),
    statusCode: z.int().meta({ description: 'El código HTTP de la respuesta' }),
    message: z.string().meta({ description: 'Qué ocurrió, para una persona' }),
    data: data.nullable(),
    metadata,
    error: errorDelSobre.exactOptional(),
  });
}

export interface Contenido {
  message: string;
  data: unknown;
  error?: ErrorDelSobre;
  success: boolean;
}

export function construirSobre(
  statusCode: number,
  { success, message, data, error }: Contenido,
  { correlationId, ahora, tiempoMs }: { correlationId: string; ahora: Date; tiempoMs: number },
) {
  return {
    success,
    statusCode,
    message,
    data,
    metadata: {
      timestamp: fechaIso(ahora),
      correlationId,
      version: VERSION_API,
      tiempoRespuesta: `${Math.round(tiempoMs)} ms`,
    },
    ...(error && { error }),
  };
}

/** What the envelope says of a failure. Of an internal one it gives general words only: the detail is in the log. */
export function errorDeFallo(
  { tipo, statusCode, visible, titulo: suyo }: Fallo,
  detalles: readonly string[],
  titulo: string = suyo,
): ErrorDelSobre {
  const visibles = visible && detalles.length > 0 ? detalles : [titulo];
  return { tipo, titulo, estado: statusCode, errores: visibles.map((detalleError) => ({ detalleError })) };
}
