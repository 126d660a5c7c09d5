/** What the register asks of Temporal, each call within a deadline. */
import { isGrpcServiceError, type Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import { workflowId } from '../emision/contrato.ts';
import type { MotorEmision } from '../emision/motor.ts';
import { LLAMADA_TEMPORAL_MS, PAGINA_DE_MANTENIMIENTO } from '../emision/plazos.ts';
import { describirWorkflow, estaAbierta } from '../runtime/temporal-run.ts';
import { interpretarHistoria } from './historia.ts';
import { memoPropio } from './memo-propio.ts';

const { WORKFLOW_EXECUTION_STATUS_FAILED: FALLIDA } = proto.temporal.api.enums.v1.WorkflowExecutionStatus;

/** Status NOT_FOUND of gRPC. */
const NO_EXISTE = 5;

/**
 * Events of a run that the register turned away: started, its one task (three events), the refusal, the failure. One that
 * did anything has more.
 */
const EVENTOS_DE_RECHAZADA = 6;

export function createMotorEmision(client: Client): MotorEmision {
  const dentroDelPlazo = <T>(llamada: () => Promise<T>) =>
    client.withDeadline(Date.now() + LLAMADA_TEMPORAL_MS, llamada);
  return {
    async describir(codigo) {
      const descrita = await describirWorkflow(client, workflowId(codigo), LLAMADA_TEMPORAL_MS);
      return (
        descrita && {
          runId: descrita.runId,
          abierta: estaAbierta(descrita),
          memo: memoPropio(descrita.memo),
        }
      );
    },

    async cerradas(codigo) {
      const { executions } = await dentroDelPlazo(() =>
        client.workflowService.listWorkflowExecutions({
          namespace: client.options.namespace,
          query: `WorkflowId = ${enConsulta(workflowId(codigo))} AND CloseTime IS NOT NULL`,
          pageSize: PAGINA_DE_MANTENIMIENTO,
        }),
      );
      return executions
        .filter(
          ({ status, historyLength }) =>
            status !== FALLIDA || Number(historyLength ?? 0) > EVENTOS_DE_RECHAZADA,
        )
        .map(({ execution }) => execution?.runId ?? '');
    },

    async leerHistoria(codigo, runId) {
      const historia = await dentroDelPlazo(() =>
        client.workflow.getHandle(workflowId(codigo), runId).fetchHistory(),
      ).catch((error: unknown) => {
        if (isGrpcServiceError(error) && (error.code as number) === NO_EXISTE) return null;
        throw error;
      });
      return (
        historia &&
        interpretarHistoria(
          { namespace: client.options.namespace, workflowId: workflowId(codigo), runId },
          historia.events ?? [],
          client.options.loadedDataConverter,
        )
      );
    },
  };
}

/** A text of a visibility query: codigos are any printable text. */
function enConsulta(texto: string): string {
  return `'${texto.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
