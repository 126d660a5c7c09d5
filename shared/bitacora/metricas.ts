/** What operators watch of the audit log. */
import { Counter, Gauge, type Registry } from 'prom-client';

export type MetricasDeBitacora = ReturnType<typeof createMetricasDeBitacora>;

/** A gauge that shows nothing before it is set: a 0 would be read as an answer. */
function sinValor(gauge: Gauge): Gauge {
  gauge.remove();
  return gauge;
}

export function createMetricasDeBitacora(coleccionDeMetricas: Registry) {
  const registers = [coleccionDeMetricas];
  const labelNames = ['testigo'] as const;
  return {
    pendientes: new Gauge({
      name: 'audit_log_pending_entries',
      help: 'Entries that have no place in the tree yet',
      registers,
    }),
    sinSello: new Gauge({
      name: 'audit_log_unsealed_entries',
      help: 'Entries without the seal of the service: they get no place in the tree until somebody adopts them',
      registers,
    }),
    espera: new Gauge({
      name: 'audit_log_oldest_pending_seconds',
      help: 'Age of the oldest entry that has no place in the tree yet; 0 where none waits',
      registers,
    }),
    detenida: new Gauge({
      name: 'audit_log_stopped',
      help: '1: what is stored is not what was signed, and nothing more is signed',
      registers,
    }),
    tamano: new Gauge({
      name: 'audit_log_tree_size',
      help: 'Entries in the tree of the newest epoch',
      registers,
    }),
    epoca: new Gauge({
      name: 'audit_log_epoch',
      help: 'Newest epoch: one more for each time the register was restored',
      registers,
    }),
    visto: new Gauge({
      name: 'audit_log_witness_tree_size',
      help: 'Largest tree of the newest epoch that each witness has seen',
      labelNames,
      registers,
    }),
    contradicciones: new Counter({
      name: 'audit_log_contradictions_total',
      help: 'Checkpoints that a witness contradicted',
      labelNames,
      registers,
    }),
    sinVer: new Gauge({
      name: 'audit_log_witness_unseen_seconds',
      help: 'How long a witness has not held the newest checkpoint; 0 while it does',
      labelNames,
      registers,
    }),
    retenida: new Gauge({
      name: 'audit_log_lock_held_seconds',
      help: 'How long somebody has held the lock of the log without signing anything; 0 while nobody does',
      registers,
    }),
    hallazgos: sinValor(
      new Gauge({
        name: 'audit_log_findings',
        help: 'What the last verification by this process found; absent before the first one',
        registers,
      }),
    ),
    verificada: sinValor(
      new Gauge({
        name: 'audit_log_verified_timestamp_seconds',
        help: 'When the last verification by this process ended; absent before the first one',
        registers,
      }),
    ),
  };
}
