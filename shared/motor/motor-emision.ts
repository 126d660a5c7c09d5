/** What the register asks of Temporal, each call within a deadline. */
import type { Client } from '@temporalio/client';
import { workflowId, type MemoEmision } from '../emision/contrato.ts';
import type { MotorEmision } from '../emision/motor.ts';
import { LLAMADA_TEMPORAL_MS } from '../emision/plazos.ts';
import { describirWorkflow, estaAbierta } from '../runtime/temporal-run.ts';

export function createMotorEmision(client: Client): MotorEmision {
  return {
    async describir(codigo) {
      const descrita = await describirWorkflow(client, workflowId(codigo), LLAMADA_TEMPORAL_MS);
      return (
        descrita && {
          runId: descrita.runId,
          abierta: estaAbierta(descrita),
          memo: descrita.memo as MemoEmision | undefined,
        }
      );
    },
  };
}
