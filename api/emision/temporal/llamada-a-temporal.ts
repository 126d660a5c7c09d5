/** A call to Temporal that the API waits for: it has a deadline, and its failure is 503, not a fault of ours. */
import { isGrpcServiceError, type Client } from '@temporalio/client';
import { LLAMADA_TEMPORAL_MS } from '../../../shared/nucleo/plazos.ts';
import { ServicioNoDisponible } from '../../../shared/nucleo/servicio-no-disponible.ts';

/** @throws ServicioNoDisponible where Temporal does not answer in time */
export async function llamarATemporal<T>(client: Client, llamada: () => Promise<T>): Promise<T> {
  try {
    return await client.withDeadline(Date.now() + LLAMADA_TEMPORAL_MS, llamada);
  } catch (error) {
    if (isGrpcServiceError(error) || (error instanceof Error && isGrpcServiceError(error.cause)))
      throw new ServicioNoDisponible('Temporal', { cause: error });
    throw error;
  }
}
