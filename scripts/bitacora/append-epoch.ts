/** Has a worker open an epoch: the register was put back from a copy, and the log is to say so. */
import { COLA_BITACORA, RESUMEN_NUEVA_EPOCA, WORKFLOW_NUEVA_EPOCA } from '../../shared/bitacora/contrato.ts';
import { runWorkflow } from '../maintenance/run-workflow.ts';
import { orderIn, reasonIn } from './order-note.ts';

export async function appendEpoch(args: string[]): Promise<boolean> {
  const { words, quien } = orderIn(args);
  const motivo = reasonIn(words, 'nueva-epoca "…"');
  const epoca = await runWorkflow<number | null>({
    workflow: WORKFLOW_NUEVA_EPOCA,
    queue: COLA_BITACORA,
    summary: RESUMEN_NUEVA_EPOCA,
    args: [motivo, quien],
  });
  console.log(
    epoca === null ? 'Otra época acababa de empezar: no se abrió ninguna.' : `Época ${epoca} abierta.`,
  );
  return epoca !== null;
}
