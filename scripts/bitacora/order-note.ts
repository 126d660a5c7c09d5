/** Has a worker note in the log what a person decided of it. */
import {
  COLA_BITACORA,
  RESUMEN_ANOTACION,
  WORKFLOW_ANOTACION,
  type OrdenDeAnotacion,
} from '../../shared/bitacora/contrato.ts';
import { runWorkflow } from '../maintenance/run-workflow.ts';

/** @returns how many epochs were acknowledged, or entries adopted */
export function orderNote(order: OrdenDeAnotacion): Promise<number> {
  return runWorkflow<number>({
    workflow: WORKFLOW_ANOTACION,
    queue: COLA_BITACORA,
    kind: order.tipo === 'RECONOCER_EPOCA' ? `${order.tipo}/${order.epoca}` : order.tipo,
    summary: RESUMEN_ANOTACION,
    args: [order],
  });
}

/** @throws Error that shows how the order is given, where the words are missing */
export function reasonIn(words: string[], usage: string): string {
  const reason = words.join(' ').trim();
  if (reason === '') throw new Error(`Diga el motivo, sin datos personales: npm run bitacora -- ${usage}`);
  return reason;
}
