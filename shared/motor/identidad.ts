/** Which Temporal answers: the ids of its cluster and of the namespace. */
import { isGrpcServiceError, type Client } from '@temporalio/client';
import type { IdentidadDeTemporal } from '../emision/motor.ts';
import { LLAMADA_TEMPORAL_MS } from '../emision/plazos.ts';
import { ConfiguracionInvalida } from '../runtime/config.ts';

/** Statuses of gRPC. */
const NO_EXISTE = 5;
/** A server that tells nobody its cluster's id, or not to us: PERMISSION_DENIED, UNIMPLEMENTED. */
const NO_LO_DICE = [7, 12];

/** @throws ConfiguracionInvalida where there is no such namespace; else what the call throws */
export function createLectorDeIdentidad(client: Client): () => Promise<IdentidadDeTemporal> {
  const { namespace } = client.options;
  const dentroDelPlazo = <T>(llamada: () => Promise<T>) =>
    client.withDeadline(Date.now() + LLAMADA_TEMPORAL_MS, llamada);
  return async () => {
    const [clusterId, namespaceId] = await Promise.all([
      dentroDelPlazo(() => client.workflowService.getClusterInfo({})).then(
        (cluster) => cluster.clusterId || null,
        (error: unknown) => {
          if (NO_LO_DICE.includes(codigoDe(error))) return null;
          throw error;
        },
      ),
      dentroDelPlazo(() => client.workflowService.describeNamespace({ namespace })).then(
        ({ namespaceInfo }) => namespaceInfo?.id ?? '',
        (error: unknown) => {
          if (codigoDe(error) !== NO_EXISTE) throw error;
          throw new ConfiguracionInvalida([
            `TEMPORAL_NAMESPACE: this Temporal has no namespace "${namespace}"`,
          ]);
        },
      ),
    ]);
    return { clusterId, namespaceId };
  };
}

function codigoDe(error: unknown): number {
  return isGrpcServiceError(error) ? error.code : 0;
}
