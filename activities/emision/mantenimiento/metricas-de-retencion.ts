/** What the passes of retention take away, in the process that made them. */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { InformeDeRetencion } from '../../../shared/emision/mantenimiento.ts';

export interface MetricasDeRetencion {
  pagina(retiradas: number): void;
  terminada(informe: InformeDeRetencion): void;
}

export function createMetricasDeRetencion(coleccionDeMetricas: Registry): MetricasDeRetencion {
  const registers = [coleccionDeMetricas];
  const retiradas = new Counter({
    name: 'retencion_solicitudes_total',
    help: 'Issuances whose data were taken away because their time was over',
    registers,
  });
  const ultima = new Gauge({
    name: 'retencion_ultima_timestamp_seconds',
    help: 'When the last pass of this process ended, in seconds since the epoch',
    registers,
  });
  const sinRetirar = new Gauge({
    name: 'retencion_sin_retirar',
    help: 'Issuances whose time is over and whose data do not open, at the last pass of this process',
    registers,
  });
  const sinJuzgar = new Gauge({
    name: 'retencion_sin_juzgar',
    help: 'Issuances whose time is over and that hold an answer neither released nor found wrong, at that pass',
    registers,
  });
  const detenida = new Gauge({
    name: 'retencion_detenida',
    help: '1 where the last pass of this process took nothing away because the clocks are in doubt',
    registers,
  });
  return {
    pagina(cuantas) {
      retiradas.inc(cuantas);
    },
    terminada(informe) {
      ultima.setToCurrentTime();
      detenida.set(informe.detenida === null ? 0 : 1);
      if (informe.detenida !== null) return;
      sinRetirar.set(informe.sinRetirar);
      sinJuzgar.set(informe.sinJuzgar);
    },
  };
}
