/** The runs of issuances that Temporal lists. Its lists lag behind by seconds. */
import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import { codigoDe, WORKFLOW_EMISION } from '../../emision/contrato.ts';
import type { EjecucionListada, ListaDeAbiertas, ListaDeEjecuciones } from './motor.ts';
import { LLAMADA_TEMPORAL_MS, PAGINA_DE_MANTENIMIENTO } from '../../nucleo/plazos.ts';

const { WORKFLOW_EXECUTION_STATUS_RUNNING, WORKFLOW_EXECUTION_STATUS_PAUSED } =
  proto.temporal.api.enums.v1.WorkflowExecutionStatus;
const ABIERTAS: unknown[] = [WORKFLOW_EXECUTION_STATUS_RUNNING, WORKFLOW_EXECUTION_STATUS_PAUSED];

/** The most that Temporal gives at once (`frontend.visibilityMaxPageSize`). */
const PAGINA_DE_ABIERTAS = 1_000;

export function createListaDeEjecuciones(client: Client): ListaDeEjecuciones {
  return async (desde, pagina) => {
    const { runs, siguiente } = await listar(client, desdeEntonces(desde), PAGINA_DE_MANTENIMIENTO, pagina);
    return {
      ejecuciones: runs.map(({ codigo, runId, status }): EjecucionListada => {
        return { codigo, runId, abierta: ABIERTAS.includes(status) };
      }),
      siguiente,
    };
  };
}

export function createListaDeAbiertas(client: Client, porPagina = PAGINA_DE_ABIERTAS): ListaDeAbiertas {
  return async (pagina) => {
    const { runs, siguiente } = await listar(client, "ExecutionStatus = 'Running'", porPagina, pagina);
    return { codigos: runs.map(({ codigo }) => codigo), siguiente };
  };
}

function desdeEntonces(desde: string | null): string | null {
  return desde === null ? null : `(CloseTime >= '${desde}' OR CloseTime IS NULL)`;
}

/** One page of the runs of issuances that meet a condition; null: all. */
async function listar(client: Client, condicion: string | null, pageSize: number, pagina: string | null) {
  const deEmisiones = `WorkflowType = '${WORKFLOW_EMISION}'`;
  const { executions, nextPageToken } = await client.withDeadline(Date.now() + LLAMADA_TEMPORAL_MS, () =>
    client.workflowService.listWorkflowExecutions({
      namespace: client.options.namespace,
      query: condicion === null ? deEmisiones : `${deEmisiones} AND ${condicion}`,
      pageSize,
      ...(pagina !== null && { nextPageToken: Buffer.from(pagina, 'base64') }),
    }),
  );
  return {
    runs: executions.flatMap(({ execution, status }) => {
      const codigo = codigoDe(execution?.workflowId ?? '');
      return codigo === null ? [] : [{ codigo, runId: execution?.runId ?? '', status }];
    }),
    siguiente: nextPageToken.length > 0 ? Buffer.from(nextPageToken).toString('base64') : null,
  };
}
