/** Which Temporal answers: the ids of its cluster and of the namespace. */
import type { Client } from '@temporalio/client';
import { LLAMADA_TEMPORAL_MS } from '../nucleo/plazos.ts';
import { estadoGrpc, type EstadoGrpc } from '../runtime/temporal/estados-grpc.ts';
import { describirWorkflow } from '../runtime/temporal/run.ts';
import { ConfiguracionInvalida } from '../runtime/config.ts';
import { dentroDelPlazo } from './llamadas.ts';

/** Which Temporal it is: ids that its own store keeps, over restarts and copies. */
export interface IdentidadDeTemporal {
  /** Null where the server does not tell it. */
  clusterId: string | null;
  namespaceId: string;
}

/** A server that tells nobody its cluster's id, or not to us. */
const NO_LO_DICE: readonly unknown[] = ['PERMISSION_DENIED', 'UNIMPLEMENTED'] satisfies EstadoGrpc[];

/** @throws ConfiguracionInvalida where there is no such namespace; else what the call throws */
export function createLectorDeIdentidad(client: Client): () => Promise<IdentidadDeTemporal> {
  const { namespace } = client.options;
  return async () => {
    const [clusterId, namespaceId] = await Promise.all([
      dentroDelPlazo(client, () => client.workflowService.getClusterInfo({})).then(
        (cluster) => cluster.clusterId || null,
        (error: unknown) => {
          if (NO_LO_DICE.includes(estadoGrpc(error))) return null;
          throw error;
        },
      ),
      dentroDelPlazo(client, () => client.workflowService.describeNamespace({ namespace })).then(
        ({ namespaceInfo }) => namespaceInfo?.id ?? '',
        (error: unknown) => {
          if (estadoGrpc(error) !== 'NOT_FOUND') throw error;
          throw new ConfiguracionInvalida([
            `TEMPORAL_NAMESPACE: this Temporal has no namespace "${namespace}"`,
          ]);
        },
      ),
    ]);
    return { clusterId, namespaceId };
  };
}

/** Whether it knows any run under a workflow id. */
export function createComprobacionDeExistencia(client: Client): (workflowId: string) => Promise<boolean> {
  return async (workflowId) => (await describirWorkflow(client, workflowId, LLAMADA_TEMPORAL_MS)) !== null;
}
