/** The envelope of MsAdaptadorPKI: how its own answers are told from those of whoever stands before it (ADR 38). */
import { z } from 'zod';
import { comoJson } from '../../../shared/nucleo/json.ts';

export interface Sobre {
  success?: unknown;
  statusCode?: unknown;
  data?: unknown;
  /** What it says of a failure, line by line, as it came: error.errores[].detalleError, else its message. */
  palabras: string[];
}

const esquema = z.object({
  success: z.unknown().optional(),
  statusCode: z.unknown().optional(),
  data: z.unknown().optional(),
  message: z.string().nullable().catch(null),
  error: z
    .object({ errores: z.array(z.object({ detalleError: z.string() }).nullable().catch(null)) })
    .nullable()
    .catch(null),
});

/** Null where the body is no JSON object. */
export function leerSobre(cuerpo: string): Sobre | null {
  const leido = esquema.safeParse(comoJson(cuerpo));
  if (!leido.success) return null;
  const { success, statusCode, data, message, error } = leido.data;
  const detalles = error?.errores.flatMap((falta) => falta?.detalleError ?? []) ?? [];
  const palabras = detalles.length > 0 || message === null ? detalles : [message];
  return { success, statusCode, data, palabras };
}

/** A status means what the contract says only where the envelope itself refuses, and with that status. */
export function esSuRechazo(sobre: Sobre | null, statusCode: number): sobre is Sobre {
  return sobre?.success === false && sobre.statusCode === statusCode;
}
