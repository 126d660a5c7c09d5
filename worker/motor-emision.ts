/** What the register asks of Temporal, in the worker. */
import type { Client } from '@temporalio/client';
import { workflowId, type MemoEmision } from '../shared/emision/contrato.ts';
import type { MotorEmision } from '../shared/emision/motor.ts';
import { LLAMADA_TEMPORAL_MS } from '../shared/emision/plazos.ts';
import { describirWorkflow, estaAbierta } from '../shared/runtime/temporal-run.ts';

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
