/** What the passes of reconciliation find, in the process that made the last one. */
import { Counter, Gauge, type Registry } from 'prom-client';
import { ACCIONES, type Accion, type InformeDeConciliacion } from '../../../shared/emision/mantenimiento.ts';

export interface MetricasDeConciliacion {
  revisada(accion: Accion): void;
  /** The end of a pass: how the register stands now. */
  terminada(informe: InformeDeConciliacion): void;
}

export function createMetricasDeConciliacion(coleccionDeMetricas: Registry): MetricasDeConciliacion {
  const registers = [coleccionDeMetricas];
  const revisadas = new Counter({
    name: 'conciliacion_solicitudes_total',
    help: 'Issuances that a pass looked at one by one, by what it did: NINGUNA, INTERRUMPIDA, RECONSTRUIDA',
    labelNames: ['accion'],
    registers,
  });
  const ultima = new Gauge({
    name: 'conciliacion_ultima_timestamp_seconds',
    help: 'When the last pass of this process ended, in seconds since the epoch',
    registers,
  });
  const diferencias = new Gauge({
    name: 'conciliacion_diferencias',
    help: 'Issuances that the last pass of this process could not settle',
    registers,
  });
  const inciertas = new Gauge({
    name: 'solicitudes_inciertas',
    help: 'Uncertain outcomes at the last pass of this process',
    registers,
  });
  const antiguedad = new Gauge({
    name: 'solicitud_incierta_edad_seconds',
    help: 'Age of the oldest of them; 0 where there is none',
    registers,
  });
  const candados = new Gauge({
    name: 'candados_retenidos',
    help: 'Citizens held by a request that goes on or is uncertain, at the last pass of this process',
    registers,
  });
  const edadDeCandado = new Gauge({
    name: 'candado_edad_seconds',
    help: 'Since when the oldest of them is held, by the start of its last run; 0 where there is none',
    registers,
  });
  const sinRazon = new Gauge({
    name: 'candados_sin_razon',
    help: 'Locks without a reason at the last pass of this process: there should be none',
    registers,
  });
  const detenida = new Gauge({
    name: 'conciliacion_detenida',
    help: '1 where the last pass of this process stopped at too many changes: an operator must look',
    registers,
  });
  for (const accion of ACCIONES) revisadas.inc({ accion }, 0);
  return {
    revisada(accion) {
      revisadas.inc({ accion });
    },
    terminada(informe) {
      ultima.setToCurrentTime();
      diferencias.set(informe.sinConciliar);
      inciertas.set(informe.inciertas);
      antiguedad.set(edadS(informe.inciertaMasAntigua));
      candados.set(informe.candados);
      edadDeCandado.set(edadS(informe.candadoMasAntiguo));
      sinRazon.set(informe.sinRazon.length);
      detenida.set(informe.detenida ? 1 : 0);
    },
  };
}

function edadS(desde: string | null): number {
  return desde === null ? 0 : (Date.now() - Date.parse(desde)) / 1000;
}
