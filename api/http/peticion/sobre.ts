/** The envelope of every answer: core specification, 3.1.1.2. */
import { z } from 'zod';
import type { Fallo } from '../../../shared/nucleo/fallos.ts';
import { fechaIso } from '../../../shared/nucleo/fechas.ts';

export const VERSION_API = '1.0.0';

export const fechaHoraDeRespuesta = z
  .string()
  .meta({ format: 'date-time', examples: ['2026-11-22T10:00:00Z'] });

const errorDelSobre = z.object({
  tipo: z.string().meta({ description: 'Tipo de error; véase docs/status-codes.md' }),
  titulo: z.string(),
  estado: z.int().meta({ description: 'Código HTTP que corresponde al error' }),
  errores: z.array(z.object({ detalleError: z.string() })),
});
export type ErrorDelSobre = z.infer<typeof errorDelSobre>;

const metadata = z.object({
  timestamp: fechaHoraDeRespuesta,
  correlationId: z.guid(),
  version: z.string(),
  tiempoRespuesta: z.string().meta({ examples: ['123 ms'] }),
});

/** Schema of the envelope around `data`. `error` is absent where nothing failed; nothing else is ever absent. */
export function esquemaSobre<D extends z.ZodType>(data: D) {
  return z.object({
    success: z.boolean(),
    statusCode: z.int(),
    message: z.string(),
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
