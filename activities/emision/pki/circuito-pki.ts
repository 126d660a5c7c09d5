/** One circuit an endpoint, in each process: a PKI that fails in a row is left in peace, then asked once (ADR 20). */
import type { Logger } from '@temporalio/common';
import type { Paso } from '../../../shared/emision/contrato.ts';
import {
  CIRCUITO_ABIERTO_MS,
  FALLOS_PARA_ABRIR,
  RETORNO_MS,
  RETORNOS_POR_SEGUNDO,
} from '../../../shared/emision/plazos.ts';
import {
  createCircuito,
  type EstadoDeCircuito,
  type VistaDeCircuito,
  type Veredicto,
} from '../../../shared/nucleo/circuito.ts';
import type { MetricasDeCircuito } from './metricas-pki.ts';

export interface CircuitoPki {
  /**
   * Does `trabajo`, which calls the endpoint at most once and then tells `juzgar` how the service did. Work that ends
   * without a verdict (the register was down, the turn was lost) decides nothing. If it was the probe, the next caller is the probe.
   * @throws CircuitoAbierto at once, with nothing begun, while the circuit is open or another probes
   */
  pasar<T>(trabajo: (juzgar: Juzgar) => Promise<T>): Promise<T>;
  vista: () => VistaDeCircuito;
}

type Juzgar = (veredicto: Veredicto) => void;

export class CircuitoAbierto extends Error {
  /** When to come again: spread, so that held work does not return as one. */
  readonly esperaMs: number;

  constructor(esperaMs: number) {
    super('the circuit is open');
    this.name = 'CircuitoAbierto';
    this.esperaMs = esperaMs;
  }
}

const PLAZOS = { abiertoMs: CIRCUITO_ABIERTO_MS, retornoMs: RETORNO_MS };

/** The circuits of both steps, which log and count each change. */
export function createCircuitosPki(
  metricas: MetricasDeCircuito,
  log: Pick<Logger, 'info' | 'warn'>,
  plazos = PLAZOS,
  ahoraMs = () => performance.now(),
): Record<Paso, CircuitoPki> {
  const circuitoDe = (paso: Paso) =>
    createCircuitoPki(plazos, ahoraMs, (estado) => {
      metricas.circuito(paso, estado);
      log[estado === 'ABIERTO' ? 'warn' : 'info']('the circuit of a PKI endpoint changed', { paso, estado });
    });
  return { 1: circuitoDe(1), 2: circuitoDe(2) };
}

function createCircuitoPki(
  { abiertoMs, retornoMs }: typeof PLAZOS,
  ahoraMs: () => number,
  alCambiar: (estado: EstadoDeCircuito) => void,
): CircuitoPki {
  /** Turned away since it opened. */
  let retenidas = 0;
  const circuito = createCircuito({
    fallosParaAbrir: FALLOS_PARA_ABRIR,
    abiertoMs,
    ahoraMs,
    alCambiar(estado) {
      if (estado === 'ABIERTO') retenidas = 0;
      alCambiar(estado);
    },
  });

  const retener = () => {
    retenidas += 1;
    const margenMs = Math.max(retornoMs, (retenidas / RETORNOS_POR_SEGUNDO) * 1000);
    // How long a probe takes is not known.
    const restoMs = circuito.vista().restoMs || retornoMs;
    return new CircuitoAbierto(Math.round(restoMs + Math.random() * margenMs));
  };

  return {
    vista: circuito.vista,
    async pasar(trabajo) {
      const pase = circuito.entrar();
      if (!pase) throw retener();
      try {
        return await trabajo(pase.juzgar);
      } finally {
        pase.dejar();
      }
    },
  };
}
