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

/** What an issuance that goes on waits for, of GET ~/solicitudes/{codigo}. */
const waiting = z.object({
  data: z.object({
    transaccion: z.object({
      pendiente: z
        .object({
          paso: z.number(),
          ultimoFallo: z.object({ tipo: z.string() }).nullable(),
          proximoIntento: z.string().nullable(),
          retenida: z.boolean(),
        })
        .nullable(),
    }),
  }),
});
type Pending = z.infer<typeof waiting>['data']['transaccion']['pendiente'];

export type Followed = z.infer<typeof followed> & { pendiente: Pending };

export interface Answer {
  followed: Followed[];
  /** It led to no others: what is not in the answer is not in the register. */
  isWhole: boolean;
}

/** @throws Error in Spanish where nobody answers, or it is refused */
export async function askRegister(apiUrl: string, token: string, correlationId: string): Promise<Answer> {
  const get = async (path: string): Promise<unknown> => {
    try {
      const headers = { authorization: `Bearer ${token}` };
      const url = `${apiUrl}${PREFIJO}${path}`;
      return await (await fetch(url, { headers, signal: AbortSignal.timeout(LIMIT_MS) })).json();
    } catch (cause) {
      throw new Error(`la API no responde en ${apiUrl}`, { cause });
    }
  };
  const { data, message, error } = envelope.parse(await get(`/seguimiento/${correlationId}`));
  if (data === null)
    throw new Error([message, ...(error?.errores ?? []).map(({ detalleError }) => detalleError)].join('; '));
  const all: Followed[] = [];
  for (const one of data.solicitudes) {
    const { codigoSolicitudTramite, estado } = one.solicitud;
    const seen =
      estado === 'EN_PROCESO'
        ? waiting.safeParse(await get(`/solicitudes/${encodeURIComponent(codigoSolicitudTramite)}`)).data
        : undefined;
    all.push({ ...one, pendiente: seen?.data.transaccion.pendiente ?? null });
  }
  return { followed: all, isWhole: !data.hayMas && data.alcance === 'todas' };
}
