/** What the attempt before left of itself in its last beat. */
import type { Context } from '@temporalio/activity';
import { esCargaRechazada } from '../shared/nucleo/carga-rechazada.ts';

/** @returns undefined where there was none, or none of ours: the activity then begins from the start */
export function latidoAnterior({ info }: Pick<Context, 'info'>): unknown {
  const detalles: unknown = info.heartbeatDetails;
  return esCargaRechazada(detalles) ? undefined : detalles;
}
