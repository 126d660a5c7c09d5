/** The domains that a worker serves: one entry each, with its own task queue. */
import type { DominioDelWorker, RecursosDelWorker } from './domain.ts';
import { createEmision, type ConfiguracionDeEmision } from './emision.ts';

export function createDominios(
  configuracion: ConfiguracionDeEmision,
  recursos: RecursosDelWorker,
): DominioDelWorker[] {
  return [createEmision(configuracion, recursos)];
}
