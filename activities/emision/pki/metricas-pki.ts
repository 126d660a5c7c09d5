/** Rate, errors and duration of the calls to MsAdaptadorPKI, and its circuits, by step; and how issuances end. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { PASOS, type Paso } from '../../../shared/emision/contrato.ts';
import type { EstadoEmision } from '../../../shared/emision/emision.ts';
import type { TipoFallo } from '../../../shared/emision/fallos.ts';
import type { EstadoDeCircuito } from '../../../shared/nucleo/circuito.ts';

export interface MetricasDePki {
  /** Starts the clock of one call; the answer stops it and counts how it ended. @returns how long it took, in ms */
  llamada(paso: Paso): (resultado: TipoFallo | 'COMPLETADO') => number;
  /** An attempt that failed, after which another one comes. */
  reintento(paso: Paso, por: TipoFallo): void;
}

export interface MetricasDeRespuestasAjenas {
  /** An answer to a call that is none of MsAdaptadorPKI's. */
  respuestaAjena(paso: Paso, estadoHttp: number): void;
}

export interface MetricasDeCircuito {
  circuito(paso: Paso, estado: EstadoDeCircuito): void;
  /** @param leerMs how long it rests yet, when the metrics are read */
  descanso(paso: Paso, leerMs: () => number): void;
  /** An attempt that an open circuit turned away: a poll under way as it opened brought it. */
  rechazada(paso: Paso): void;
}

export interface MetricasDeEmision {
  cierre(estado: EstadoEmision, tipo: TipoFallo | 'NINGUNO'): void;
  /** What was issued, and how long after the run began, which is how a request or a re-run is accepted. */
  emitida(tiposDeCertificado: readonly string[], desdeAceptadaMs: number): void;
}

/** Seconds. A call takes from some tens of milliseconds to the attempt's timeout, 10 s by default. */
const TRAMOS_S = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20];

/** Seconds. From two calls to a PKI that was down for a day. */
const TRAMOS_DE_EMISION_S = [0.25, 0.5, 1, 2.5, 5, 10, 25, 60, 300, 900, 3_600, 21_600, 86_400];

/** What gateways answer most: counted from zero, so that an alert sees the first of them rise. */
const ESTADOS_DE_PASARELA = [404, 502, 503, 504];

const VALOR: Record<EstadoDeCircuito, number> = { CERRADO: 0, A_PRUEBA: 1, ABIERTO: 2 };

export function createMetricasPki(
  coleccionDeMetricas: Registry,
): MetricasDePki & MetricasDeRespuestasAjenas & MetricasDeCircuito & MetricasDeEmision {
  const duracion = new Histogram({
    name: 'pki_call_duration_seconds',
    help: 'Calls to MsAdaptadorPKI by step and result (COMPLETADO or the failure type)',
    labelNames: ['paso', 'resultado'],
    buckets: TRAMOS_S,
    registers: [coleccionDeMetricas],
  });
  const ajenas = new Counter({
    name: 'pki_foreign_answers_total',
    help: 'Answers to PKI calls without the envelope of MsAdaptadorPKI, by step and HTTP code',
    labelNames: ['paso', 'codigo'],
    registers: [coleccionDeMetricas],
  });
  const circuito = new Gauge({
    name: 'pki_circuit_state',
    help: 'Circuit of each step in this process: 0 closed, 1 half-open, 2 open',
    labelNames: ['paso'],
    registers: [coleccionDeMetricas],
  });
  const aperturas = new Counter({
    name: 'pki_circuit_opened_total',
    help: 'Openings of the circuit of each step in this process, one more for each probe that failed',
    labelNames: ['paso'],
    registers: [coleccionDeMetricas],
  });
  const descansos = new Map<Paso, () => number>();
  new Gauge({
    name: 'pki_circuit_rest_seconds',
    help: 'Seconds until this process may probe the endpoint of each step; 0 where its circuit is closed or a probe is due',
    labelNames: ['paso'],
    registers: [coleccionDeMetricas],
    collect() {
      for (const paso of PASOS) this.set({ paso }, (descansos.get(paso)?.() ?? 0) / 1_000);
    },
  });
  const rechazadas = new Counter({
    name: 'pki_circuit_rejected_total',
    help: 'Attempts that the open circuit of each step turned away in this process; what waits in the queue is none',
    labelNames: ['paso'],
    registers: [coleccionDeMetricas],
  });
  const emisiones = new Counter({
    name: 'emisiones_total',
    help: 'Runs by the outcome that they recorded',
    labelNames: ['estado', 'tipo'],
    registers: [coleccionDeMetricas],
  });
  const hastaEmitida = new Histogram({
    name: 'emision_duration_seconds',
    help: 'From the acceptance of a request, or of its re-run, to its certificates',
    buckets: TRAMOS_DE_EMISION_S,
    registers: [coleccionDeMetricas],
  });
  const certificados = new Counter({
    name: 'certificados_emitidos_total',
    help: 'Certificates that were compared and delivered, by type',
    labelNames: ['tipo'],
    registers: [coleccionDeMetricas],
  });
  const reintentos = new Counter({
    name: 'pki_retries_total',
    help: 'Attempts at a step that failed and are made again, by why',
    labelNames: ['paso', 'tipo'],
    registers: [coleccionDeMetricas],
  });
  // An alert sees the first only where there was a zero before it.
  emisiones.inc({ estado: 'FALLIDO', tipo: 'CERTIFICADO_NO_CONFORME' satisfies TipoFallo }, 0);
  for (const paso of PASOS) {
    circuito.set({ paso }, VALOR.CERRADO);
    aperturas.inc({ paso }, 0);
    rechazadas.inc({ paso }, 0);
    for (const estadoHttp of ESTADOS_DE_PASARELA) ajenas.inc({ paso, codigo: estadoHttp }, 0);
  }
  return {
    llamada(paso) {
      const detener = duracion.startTimer({ paso });
      return (resultado) => Math.round(detener({ resultado }) * 1_000);
    },
    reintento(paso, tipo) {
      reintentos.inc({ paso, tipo });
    },
    respuestaAjena(paso, estadoHttp) {
      ajenas.inc({ paso, codigo: estadoHttp });
    },
    circuito(paso, estado) {
      circuito.set({ paso }, VALOR[estado]);
      if (estado === 'ABIERTO') aperturas.inc({ paso });
    },
    descanso(paso, leerMs) {
      descansos.set(paso, leerMs);
    },
    rechazada(paso) {
      rechazadas.inc({ paso });
    },
    cierre(estado, tipo) {
      emisiones.inc({ estado, tipo });
    },
    emitida(tiposDeCertificado, desdeAceptadaMs) {
      hastaEmitida.observe(desdeAceptadaMs / 1_000);
      for (const tipo of tiposDeCertificado) certificados.inc({ tipo });
    },
  };
}
