/** Rate, errors and duration of the calls to MsAdaptadorPKI, by step; and how issuances end. */
import { Counter, Histogram, type Registry } from 'prom-client';
import type { Paso } from '../../shared/emision/contrato.ts';
import type { EstadoEmision } from '../../shared/emision/emision.ts';
import type { TipoFallo } from '../../shared/emision/fallos.ts';

export interface MetricasDePki {
  /** Starts the clock of one call; the answer stops it and counts how it ended. */
  llamada(paso: Paso): (resultado: TipoFallo | 'COMPLETADO') => void;
}

export interface MetricasDeEmision {
  cierre(estado: EstadoEmision, tipo: TipoFallo | 'NINGUNO'): void;
}

/** Seconds. A call takes from some tens of milliseconds to the attempt's timeout, 10 s by default. */
const TRAMOS_S = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20];

export function createMetricasPki(registro: Registry): MetricasDePki & MetricasDeEmision {
  const duracion = new Histogram({
    name: 'pki_call_duration_seconds',
    help: 'Calls to MsAdaptadorPKI by step and result (COMPLETADO or the failure type)',
    labelNames: ['paso', 'resultado'],
    buckets: TRAMOS_S,
    registers: [registro],
  });
  const emisiones = new Counter({
    name: 'emisiones_total',
    help: 'Runs by the outcome that they recorded',
    labelNames: ['estado', 'tipo'],
    registers: [registro],
  });
  return {
    llamada(paso) {
      const detener = duracion.startTimer({ paso });
      return (resultado) => {
        detener({ resultado });
      };
    },
    cierre(estado, tipo) {
      emisiones.inc({ estado, tipo });
    },
  };
}
