/** Whether Temporal takes workflows now; more than that its port answers. */
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import { estadoGrpc, significadoDe } from '../runtime/temporal/estados-grpc.ts';

const { TASK_QUEUE_TYPE_WORKFLOW: DE_WORKFLOWS } = proto.temporal.api.enums.v1.TaskQueueType;

/** How long it would wait for its first task, and then for a worker: longer than the call that deletes it takes. */
const ESPERA = '60 s';

/**
 * The first time, and again after every failure, a workflow is started for real and deleted: nothing short of it shows
 * that Temporal's parts reach each other and that its database takes writes. In between it is enough to ask each part:
 * the frontend for the namespace, a shard of the history for a run that does not exist, the matching for this task queue.
 * One that sheds load has answered: to call the service not ready for that would shed all of its load.
 */
export function createComprobacionDeTemporal(client: Client, cola: string): () => Promise<void> {
  let demostrado = false;
  return async () => {
    try {
      if (demostrado) await preguntarACadaParte(client, cola);
      else await iniciarYBorrar(client);
      demostrado = true;
    } catch (error) {
      if (demostrado && significadoDe(error) === 'SATURADO') return;
      demostrado = false;
      throw error;
    }
  };
}

/** No worker ever sees it: none serves its queue, and it is deleted before its first task is due. */
async function iniciarYBorrar({ workflow, workflowService, options: { namespace } }: Client): Promise<void> {
  const workflowId = `comprobacion/${randomUUID()}`;
  await workflow.start('comprobarTemporal', {
    workflowId,
    taskQueue: 'comprobacion',
    startDelay: ESPERA,
    // Should the process die in between.
    workflowExecutionTimeout: ESPERA,
  });
  await workflowService.deleteWorkflowExecution({ namespace, workflowExecution: { workflowId } });
}

async function preguntarACadaParte({ workflowService, options }: Client, cola: string): Promise<void> {
  const { namespace } = options;
  const taskQueue = { name: cola };
  // Another id each time asks another shard.
  const execution = { workflowId: `comprobacion/${randomUUID()}` };
  await Promise.all([
    workflowService.describeNamespace({ namespace }),
    workflowService.describeWorkflowExecution({ namespace, execution }).catch((error: unknown) => {
      if (estadoGrpc(error) !== 'NOT_FOUND') throw error;
    }),
    workflowService.describeTaskQueue({ namespace, taskQueue, taskQueueType: DE_WORKFLOWS }),
  ]);
}
