/** The Temporal to which a command gives its order, and the words for one that does not answer. */
import type { Target } from './configuration.ts';
import { isGrpcServiceError } from '@temporalio/client';
import { direccionLocal, LOOPBACK } from '../../shared/runtime/url-local.ts';

/** TEMPORAL_ADDRESS, else that of `npm start`. */
export function addressOf({ TEMPORAL_ADDRESS, TEMPORAL_PORT }: Target): string {
  return TEMPORAL_ADDRESS ?? direccionLocal(LOOPBACK, TEMPORAL_PORT);
}

/** The error itself where it is not that of a server that does not answer. */
export function inWords(error: unknown, address: string): unknown {
  if (!isOfTemporal(error)) return error;
  return new Error(
    `Temporal no responde en ${address}: arranque el servicio (npm start) o indique TEMPORAL_ADDRESS.`,
    { cause: error },
  );
}

function isOfTemporal(error: unknown): boolean {
  return isGrpcServiceError(error) || (error instanceof Error && isGrpcServiceError(error.cause));
}
