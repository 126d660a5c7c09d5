/** A run that stands under the id of an order: whether it is an order of this service, and how an operator ends it. */
import type { Client } from '@temporalio/client';
import { abrirCargas } from '../../shared/runtime/temporal/carga-de-temporal.ts';
import { Ilegible } from '../../shared/runtime/claves/cifrado.ts';
import { esCargaRechazada } from '../../shared/nucleo/ejecuciones/carga-rechazada.ts';
import { shellWord } from '../shell-word.ts';

export interface StandingOrder {
  workflowId: string;
  runId: string;
  /** ISO 8601 UTC. */
  since: string;
}

/** What the order that was given just now would have started. */
export interface Expected {
  workflow: string;
  queue: string;
}

/** Describes a run without opening any of its payloads, since one that does not open would throw. */
export async function describeRaw(client: Client, workflowId: string, runId?: string) {
  const { workflowExecutionInfo, pendingWorkflowTask } =
    await client.workflowService.describeWorkflowExecution({
      namespace: client.options.namespace,
      execution: { workflowId, runId: runId ?? null },
    });
  return {
    runId: workflowExecutionInfo?.execution?.runId ?? '',
    since: new Date(Number(workflowExecutionInfo?.startTime?.seconds ?? 0) * 1000).toISOString(),
    events: Number(workflowExecutionInfo?.historyLength ?? 0),
    attempt: pendingWorkflowTask?.attempt ?? 0,
  };
}

/** @returns in Spanish, why the one that gives the order here cannot follow that run; null where it can */
export async function whyNotToFollow(
  client: Client,
  { workflowId, runId }: StandingOrder,
  { workflow, queue }: Expected,
): Promise<string | null> {
  const { namespace } = client.options;
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace,
    execution: { workflowId, runId },
    maximumPageSize: 1,
  });
  const start = history?.events?.[0]?.workflowExecutionStartedEventAttributes;
  if (start?.workflowType?.name !== workflow || start.taskQueue?.name !== queue) return FOREIGN;
  try {
    const input = await abrirCargas(client.options.loadedDataConverter, start.input, {
      type: 'workflow',
      namespace,
      workflowId,
    });
    return input.length === 0 || input.some(esCargaRechazada) ? FOREIGN : null;
  } catch (error) {
    const key = missingKeyIn(error);
    if (key === null) throw error;
    return `dice estar cifrada bajo la clave «${key}», que no está en el CLAVES_CIFRADO de aquí. Si la clave es suya, devuélvala detrás de la primera; si no, o bien se pidió con otro CLAVES_CIFRADO, o la puso alguien más que alcanza Temporal (docs/operacion.md, «Cerrar Temporal en producción»)`;
  }
}

const FOREIGN =
  'no es de este servicio: alguien más alcanza Temporal (docs/operacion.md, «Cerrar Temporal en producción»). Avise a operaciones';

/** Key that a payload names and the ring lacks. */
export function missingKeyIn(error: unknown): string | null {
  if (error instanceof Ilegible) return error.clave;
  return error instanceof Error && error.cause !== undefined ? missingKeyIn(error.cause) : null;
}

/** @param why in Spanish: a clause of which the order is the subject */
export function stuckOrder(
  { workflowId, since, ...order }: StandingOrder,
  why: string,
  temporal: { address: string; namespace: string },
): Error {
  return new Error(
    `La orden «${workflowId}», que está en Temporal desde ${since}, ${why}.\nMientras siga, no se puede dar otra. Para terminarla y dar la suya:\n  ${terminateCommand({ workflowId, since, ...order }, temporal)}`,
  );
}

function terminateCommand(
  { workflowId, runId }: StandingOrder,
  { address, namespace }: { address: string; namespace: string },
): string {
  return [
    'temporal workflow terminate',
    `--address ${shellWord(address)}`,
    `--namespace ${shellWord(namespace)}`,
    `--workflow-id ${shellWord(workflowId)}`,
    `--run-id ${shellWord(runId)}`,
    "--reason 'motivo'",
  ].join(' ');
}
