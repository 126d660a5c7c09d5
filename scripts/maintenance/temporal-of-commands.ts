/** The Temporal to which a command gives its order, and the words for one that does not answer. */
import type { Target } from './configuration.ts';
import { estadoGrpc, significadoDe } from '../../shared/runtime/temporal/estados-grpc.ts';
import { direccionLocal, LOOPBACK } from '../../shared/runtime/url-local.ts';

/** TEMPORAL_ADDRESS, else that of `npm start`. */
export function addressOf({ TEMPORAL_ADDRESS, TEMPORAL_PORT }: Target): string {
  return TEMPORAL_ADDRESS ?? direccionLocal(LOOPBACK, TEMPORAL_PORT);
}

/** The error itself where it is none of a call to Temporal. */
export function inWords(error: unknown, address: string): unknown {
  switch (significadoDe(error)) {
    case 'CAIDA':
    case 'CORTADA':
      return new Error(
        `Temporal no responde en ${address}: arranque el servicio (npm start) o indique TEMPORAL_ADDRESS.`,
        { cause: error },
      );
    case 'SATURADO':
      return new Error(
        `Temporal responde en ${address}, pero está saturado: repita la orden en unos minutos.`,
        { cause: error },
      );
    case 'FALTA':
      return new Error(
        `Temporal responde en ${address}, pero rechaza la orden (${estadoGrpc(error)}): revise sus credenciales y TEMPORAL_NAMESPACE.`,
        { cause: error },
      );
    case null:
      return error;
  }
}
