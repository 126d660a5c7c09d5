/** Begins a run with its search attributes where Temporal knows them, and without any where it does not: an index is no reason not to issue. */
import type { SearchAttributePair } from '@temporalio/common';
import type { Logger } from '../runtime/logger.ts';
import { estadoGrpc, type EstadoGrpc } from '../runtime/temporal/estados-grpc.ts';

/** Begins it anew without them, should Temporal refuse them. */
export type ConAtributos = <T>(
  atributos: SearchAttributePair[],
  empezar: (opciones: { typedSearchAttributes?: SearchAttributePair[] }) => Promise<T>,
) => Promise<T>;

/** So long they are left out after a refusal. */
const SIN_ATRIBUTOS_MS = 60_000;
const REHUSADOS: EstadoGrpc = 'INVALID_ARGUMENT';

export function createConAtributos(
  logger: Pick<Logger, 'warn'> | null = null,
  ahoraMs: () => number = () => performance.now(),
): ConAtributos {
  let rehusadosEnMs = -Infinity;
  return async (atributos, empezar) => {
    if (ahoraMs() - rehusadosEnMs < SIN_ATRIBUTOS_MS) return empezar({});
    try {
      return await empezar({ typedSearchAttributes: atributos });
    } catch (error) {
      if (estadoGrpc(error) !== REHUSADOS) throw error;
      const hecho = await empezar({});
      rehusadosEnMs = ahoraMs();
      logger?.warn(
        { err: error },
        'Temporal does not know the search attributes of deploy/temporal/namespace.sh: runs begin without them',
      );
      return hecho;
    }
  };
}
