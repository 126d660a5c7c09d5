/** Reads a run's memo, which Temporal brought: only one that a start of this service left counts. */
import { z } from 'zod';
import type { MemoEmision } from '../../emision/contrato.ts';

const memoDeEmision = z.object({
  requestId: z.string(),
  huellaSolicitud: z.string(),
  generacion: z.int().min(1),
  solicitudPkiId: z.string().nullable(),
  titular: z.object({ numeroDocumento: z.string(), nombreCompleto: z.string() }),
  auditoria: z.object({
    usuarioEjecutor: z.string(),
    oficinaEjecucion: z.string(),
    ipCliente: z.string(),
    correlationId: z.string().exactOptional(),
  }),
  cliente: z.string().exactOptional(),
}) satisfies z.ZodType<MemoEmision>;

/** @returns undefined where a member is not sealed for the run, or not as a start leaves it */
export function memoPropio(memo: Record<string, unknown> | undefined): MemoEmision | undefined {
  return memoDeEmision.safeParse(memo).data;
}
