/** Calls to Temporal within their deadline, and its lists, which lag behind by seconds. */
import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { LLAMADA_TEMPORAL_MS, PAGINA_DE_MANTENIMIENTO } from '../nucleo/plazos.ts';

export function dentroDelPlazo<T>(client: Client, llamada: () => Promise<T>): Promise<T> {
  return client.withDeadline(Date.now() + LLAMADA_TEMPORAL_MS, llamada);
}

interface PaginaDeLista {
  runs: temporal.api.workflow.v1.IWorkflowExecutionInfo[];
  /** Null where this page was the last. */
  siguiente: string | null;
}

/**
 * @param query of Temporal's visibility; empty: all runs of the namespace
 * @param pagina `siguiente` of the page before; null: the first
 * @param porPagina at most 1,000 (`frontend.visibilityMaxPageSize`)
 */
export async function listarRuns(
  client: Client,
  query: string,
  pagina: string | null,
  porPagina = PAGINA_DE_MANTENIMIENTO,
): Promise<PaginaDeLista> {
  const { executions, nextPageToken } = await dentroDelPlazo(client, () =>
    client.workflowService.listWorkflowExecutions({
      namespace: client.options.namespace,
      query,
      pageSize: porPagina,
      ...(pagina !== null && { nextPageToken: Buffer.from(pagina, 'base64') }),
    }),
  );
  return {
    runs: executions,
    siguiente: nextPageToken.length > 0 ? Buffer.from(nextPageToken).toString('base64') : null,
  };
}
