/** The metrics of a process: one collection, which starts with Node's own (memory, event loop, garbage collection). */
import { collectDefaultMetrics, Registry } from 'prom-client';

export function createColeccionDeMetricas(): Registry {
  const register = new Registry();
  collectDefaultMetrics({ register });
  return register;
}
