/** Somebody who reaches Temporal and has no key: he starts runs, and serves queues with a worker of his own. */
import { randomUUID } from 'node:crypto';
import { Client, type WorkflowService } from '@temporalio/client';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { Registry } from 'prom-client';
import type { Ajeno } from '../../../shared/nucleo/ejecuciones/ajeno.ts';

type Orden = NonNullable<Parameters<WorkflowService['respondWorkflowTaskCompleted']>[0]['commands']>[number];

const {
  COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION,
  COMMAND_TYPE_FAIL_WORKFLOW_EXECUTION,
  COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK,
} = proto.temporal.api.enums.v1.CommandType;
const NAMESPACE = 'default';
const TAREA_MS = 20_000;

export function enClaro(...valores: unknown[]): Payload[] {
  return valores.map((valor) => defaultPayloadConverter.toPayload(valor));
}

/** How much the counter moved while something was done. */
export async function contarAjenos(
  metricas: Registry,
  tipo: Ajeno,
  mientras: () => Promise<unknown>,
): Promise<number> {
  const leer = async () => {
    const { values } = (await metricas.getSingleMetric('temporal_foreign_total')?.get()) ?? { values: [] };
    return values.find(({ labels }) => labels['tipo'] === tipo)?.value ?? NaN;
  };
  const antes = await leer();
  await mientras();
  return (await leer()) - antes;
}

export class Falsario {
  readonly #client: Client;

  constructor(connection: Client['connection']) {
    this.#client = new Client({ connection });
  }

  async iniciar(run: {
    workflowId: string;
    tipo: string;
    cola: string;
    payloads: Payload[];
  }): Promise<string> {
    const { runId } = await this.#client.workflowService.startWorkflowExecution({
      namespace: NAMESPACE,
      workflowId: run.workflowId,
      workflowType: { name: run.tipo },
      taskQueue: { name: run.cola },
      input: { payloads: run.payloads },
      requestId: randomUUID(),
    });
    return runId;
  }

  /** Takes the next task of a queue. @returns ends it as a worker would */
  async tomarTarea(cola: string): Promise<(orden: Orden) => Promise<void>> {
    const servicio = this.#client.workflowService;
    const identity = 'falsario';
    const { taskToken } = await this.#client.withDeadline(Date.now() + TAREA_MS, () =>
      servicio.pollWorkflowTaskQueue({ namespace: NAMESPACE, taskQueue: { name: cola }, identity }),
    );
    return async (orden) => {
      await servicio.respondWorkflowTaskCompleted({
        namespace: NAMESPACE,
        taskToken,
        identity,
        commands: [orden],
      });
    };
  }

  async terminarActividad(workflowId: string, activityId: string, payloads: Payload[]): Promise<void> {
    await this.#client.workflowService.respondActivityTaskCompletedById({
      namespace: NAMESPACE,
      workflowId,
      activityId,
      result: { payloads },
    });
  }

  async fallarActividad(workflowId: string, activityId: string): Promise<void> {
    await this.#client.workflowService.respondActivityTaskFailedById({
      namespace: NAMESPACE,
      workflowId,
      activityId,
      failure: { message: 'x', applicationFailureInfo: { type: 'CLAVES_DISTINTAS', nonRetryable: true } },
    });
  }
}

export function completarCon(payloads: Payload[]): Orden {
  return {
    commandType: COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION,
    completeWorkflowExecutionCommandAttributes: { result: { payloads } },
  };
}

/** Ends the run with a failure in clear. */
export const FALLAR: Orden = {
  commandType: COMMAND_TYPE_FAIL_WORKFLOW_EXECUTION,
  failWorkflowExecutionCommandAttributes: {
    failure: { message: 'x', applicationFailureInfo: { type: 'CLAVES_DISTINTAS' } },
  },
};

export function pedirActividad(tipo: string, cola: string, payloads: Payload[]): Orden {
  return {
    commandType: COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK,
    scheduleActivityTaskCommandAttributes: {
      activityId: '1',
      activityType: { name: tipo },
      taskQueue: { name: cola },
      input: { payloads },
      startToCloseTimeout: { seconds: 60 as never },
      retryPolicy: { maximumAttempts: 1 },
    },
  };
}
