/** What the register has of a request, asked of the API (GET ~/seguimiento/{correlationId}). */
import { z } from 'zod';
import { PREFIJO } from '../../api/prefijo.ts';

const LIMIT_MS = 10_000;

const fact = z.object({
  momento: z.string(),
  evento: z.string(),
  generacion: z.number(),
  runId: z.string(),
  correlationId: z.string().nullable(),
  tipoError: z.string().nullable(),
  titulo: z.string().nullable(),
});

const followed = z.object({
  solicitud: z.object({
    codigoSolicitudTramite: z.string(),
    estado: z.string(),
    oficina: z.string(),
    tipoError: z.string().nullable(),
    titulo: z.string().nullable(),
    resultadoIncierto: z.boolean(),
  }),
  hechos: z.array(fact),
});

const envelope = z.object({
  data: z.object({ solicitudes: z.array(followed), hayMas: z.boolean(), alcance: z.string() }).nullable(),
  message: z.string(),
  error: z.object({ errores: z.array(z.object({ detalleError: z.string() })) }).optional(),
});

export type Followed = z.infer<typeof followed>;

export interface Answer {
  followed: Followed[];
  /** It led to no others: what is not in the answer is not in the register. */
  isWhole: boolean;
}

/** @throws Error in Spanish where nobody answers, or it is refused */
export async function askRegister(apiUrl: string, token: string, correlationId: string): Promise<Answer> {
  let answer: Response;
  try {
    answer = await fetch(`${apiUrl}${PREFIJO}/seguimiento/${correlationId}`, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(LIMIT_MS),
    });
  } catch (cause) {
    throw new Error(`la API no responde en ${apiUrl}`, { cause });
  }
  const { data, message, error } = envelope.parse(await answer.json());
  if (data === null)
    throw new Error([message, ...(error?.errores ?? []).map(({ detalleError }) => detalleError)].join('; '));
  return { followed: data.solicitudes, isWhole: !data.hayMas && data.alcance === 'todas' };
}
