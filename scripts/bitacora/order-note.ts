/** Has a worker note in the log what a person decided about it. */
import { userInfo } from 'node:os';
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

/** The words of an order, and who gives it: `--quien`, else the system's user. */
export function orderIn(args: string[]): { words: string[]; quien: string } {
  const at = args.findIndex((arg) => arg === '--quien' || arg.startsWith('--quien='));
  if (at < 0) return { words: args, quien: userInfo().username };
  const [option = ''] = args.slice(at, at + 1);
  const inline = option.startsWith('--quien=');
  const quien = (inline ? option.slice('--quien='.length) : (args[at + 1] ?? '')).trim();
  if (quien === '') throw new Error('--quien: diga el nombre de quien lo ordena');
  return { words: args.toSpliced(at, inline ? 1 : 2), quien };
}

/** @throws Error that shows how the order is given, where the words are missing */
export function reasonIn(words: string[], usage: string): string {
  const reason = words.join(' ').trim();
  if (reason === '') throw new Error(`Diga el motivo, sin datos personales: npm run bitacora -- ${usage}`);
  return reason;
}
