/** The runs of issuances that Temporal lists. Its list lags behind by seconds. */
import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import { codigoDe, WORKFLOW_EMISION } from '../../emision/contrato.ts';
import type { EjecucionListada, ListaDeEjecuciones } from './motor.ts';
import { LLAMADA_TEMPORAL_MS, PAGINA_DE_MANTENIMIENTO } from '../../nucleo/plazos.ts';

const { WORKFLOW_EXECUTION_STATUS_RUNNING, WORKFLOW_EXECUTION_STATUS_PAUSED } =
  proto.temporal.api.enums.v1.WorkflowExecutionStatus;
const ABIERTAS: unknown[] = [WORKFLOW_EXECUTION_STATUS_RUNNING, WORKFLOW_EXECUTION_STATUS_PAUSED];

export function createListaDeEjecuciones(client: Client): ListaDeEjecuciones {
  return async (desde, pagina) => {
    const { executions, nextPageToken } = await client.withDeadline(Date.now() + LLAMADA_TEMPORAL_MS, () =>
      client.workflowService.listWorkflowExecutions({
        namespace: client.options.namespace,
        query: consulta(desde),
        pageSize: PAGINA_DE_MANTENIMIENTO,
        ...(pagina !== null && { nextPageToken: Buffer.from(pagina, 'base64') }),
      }),
    );
    return {
      ejecuciones: executions.flatMap(({ execution, status }): EjecucionListada[] => {
        const codigo = codigoDe(execution?.workflowId ?? '');
        return codigo === null
          ? []
          : [{ codigo, runId: execution?.runId ?? '', abierta: ABIERTAS.includes(status) }];
      }),
      siguiente: nextPageToken.length > 0 ? Buffer.from(nextPageToken).toString('base64') : null,
    };
  };
}

function consulta(desde: string | null): string {
  const cerradas = desde === null ? '' : ` AND (CloseTime >= '${desde}' OR CloseTime IS NULL)`;
  return `WorkflowType = '${WORKFLOW_EMISION}'${cerradas}`;
}
