/** The runs of issuances that Temporal lists. */
import type { Client } from '@temporalio/client';
import { codigoDe, WORKFLOW_EMISION } from '../../emision/contrato.ts';
import { listarRuns } from '../llamadas.ts';
import type { EjecucionListada, ListaDeAbiertas, ListaDeCerradas } from './motor.ts';

const DE_EMISIONES = `WorkflowType = '${WORKFLOW_EMISION}'`;

/** Running or paused, by Temporal's visibility. */
export const EMISIONES_ABIERTAS = `${DE_EMISIONES} AND CloseTime IS NULL`;

/** The most that Temporal gives at once: only their codigos are kept. */
const ABIERTAS_POR_PAGINA = 1_000;

export function createListaDeCerradas(client: Client): ListaDeCerradas {
  return async (desde, pagina) => {
    const cerradas = desde === null ? 'CloseTime IS NOT NULL' : `CloseTime >= '${desde}'`;
    return listar(client, `${DE_EMISIONES} AND ${cerradas}`, pagina);
  };
}

export function createListaDeAbiertas(client: Client, porPagina = ABIERTAS_POR_PAGINA): ListaDeAbiertas {
  return (pagina) => listar(client, EMISIONES_ABIERTAS, pagina, porPagina);
}

async function listar(client: Client, query: string, pagina: string | null, porPagina?: number) {
  const { runs, siguiente } = await listarRuns(client, query, pagina, porPagina);
  return {
    ejecuciones: runs.flatMap(({ execution }): EjecucionListada[] => {
      const codigo = codigoDe(execution?.workflowId ?? '');
      return codigo === null ? [] : [{ codigo, runId: execution?.runId ?? '' }];
    }),
    siguiente,
  };
}
