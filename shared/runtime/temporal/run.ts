/** What Temporal says of a workflow id, within a deadline. */
import { WorkflowNotFoundError, type Client, type WorkflowExecutionDescription } from '@temporalio/client';

/** Statuses of a run that will do nothing more. What is none of these (running, paused) is open. */
const CERRADOS = new Set(['COMPLETED', 'FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT', 'CONTINUED_AS_NEW']);

export function estaAbierta({ status }: WorkflowExecutionDescription): boolean {
  return !CERRADOS.has(status.name);
}

/**
 * @returns the latest run under the id; null where Temporal knows none
 * @throws where Temporal does not answer within `plazoMs`
 */
export async function describirWorkflow(
  client: Client,
  workflowId: string,
  plazoMs: number,
): Promise<WorkflowExecutionDescription | null> {
  try {
    return await client.withDeadline(Date.now() + plazoMs, () =>
      client.workflow.getHandle(workflowId).describe(),
    );
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}
