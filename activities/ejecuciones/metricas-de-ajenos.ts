/** Counts what Temporal brought that was not this service's, and that this worker refused. */
import { Counter, type Registry } from 'prom-client';
import { AJENOS, type Ajeno } from '../../shared/nucleo/ejecuciones/ajeno.ts';

export function createMetricasDeAjenos(coleccionDeMetricas: Registry): { visto(tipo: Ajeno): void } {
  const vistos = new Counter({
    name: 'temporal_foreign_total',
    help: 'Runs, results and failures that Temporal brought and that this service did not seal: somebody else reaches it',
    labelNames: ['tipo'],
    registers: [coleccionDeMetricas],
  });
  // From 0: an alert sees the first one too.
  for (const tipo of AJENOS) vistos.inc({ tipo }, 0);
  return {
    visto(tipo) {
      vistos.inc({ tipo });
    },
  };
}
