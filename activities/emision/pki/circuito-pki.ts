/**
 * One circuit an endpoint, in each process: a PKI that fails in a row is left in peace, then asked once (ADR 20).
 * cockatiel keeps the row and the states. The calls run outside of it: inside, whoever comes during a probe would wait for
 * it, and work that never came to the PKI would count for the PKI.
 */
import type { Logger } from '@temporalio/common';
import {
  BrokenCircuitError,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  handleWhenResult,
} from 'cockatiel';
import type { Paso } from '../../../shared/emision/contrato.ts';
import {
  CIRCUITO_ABIERTO_MS,
  FALLOS_PARA_ABRIR,
  RETORNO_MS,
  RETORNOS_POR_SEGUNDO,
} from '../../../shared/emision/plazos.ts';
import type { EstadoDeCircuito, MetricasDeCircuito } from './metricas-pki.ts';
import type { Veredicto } from './pki-gateway.ts';

export interface CircuitoPki {
  /**
   * Does `trabajo`, which calls the endpoint at most once and then tells `juzgar` how the service did. Work that ends
   * without a verdict (the register was down, the turn lost) decides nothing: was it the probe, the next to come is it.
   * @throws CircuitoAbierto at once, with nothing begun, while the circuit is open or another probes
   */
  pasar<T>(trabajo: (juzgar: Juzgar) => Promise<T>): Promise<T>;
}

type Juzgar = (veredicto: Veredicto) => Promise<void>;

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
): Record<Paso, CircuitoPki> {
  const circuitoDe = (paso: Paso) =>
    createCircuitoPki(plazos, (estado) => {
      metricas.circuito(paso, estado);
      log[estado === 'ABIERTO' ? 'warn' : 'info']('the circuit of a PKI endpoint changed', { paso, estado });
    });
  return { 1: circuitoDe(1), 2: circuitoDe(2) };
}

function createCircuitoPki(
  { abiertoMs, retornoMs }: typeof PLAZOS,
  alCambiar: (estado: EstadoDeCircuito) => void,
): CircuitoPki {
  const politica = circuitBreaker(
    handleWhenResult((veredicto) => veredicto === ('FALLA' satisfies Veredicto)),
    { breaker: new ConsecutiveBreaker(FALLOS_PARA_ABRIR), halfOpenAfter: abiertoMs },
  );
  let estado: EstadoDeCircuito = 'CERRADO';
  let aperturas = 0;
  let abiertoHasta = 0;
  let hayPrueba = false;
  /** Turned away since it opened. */
  let retenidas = 0;

  const cambiar = (nuevo: EstadoDeCircuito) => {
    if (nuevo === estado) return;
    estado = nuevo;
    alCambiar(estado);
  };
  politica.onBreak(() => {
    aperturas += 1;
    abiertoHasta = Date.now() + abiertoMs;
    retenidas = 0;
    cambiar('ABIERTO');
  });
  politica.onReset(() => {
    cambiar('CERRADO');
  });

  const anotar = async (veredicto: Veredicto) => {
    try {
      await politica.execute(() => veredicto);
    } catch (error) {
      // Of a probe whose clock was set back meanwhile: another will tell.
      if (!(error instanceof BrokenCircuitError)) throw error;
    }
  };
  const retener = (restoMs: number) => {
    retenidas += 1;
    const margenMs = Math.max(retornoMs, (retenidas / RETORNOS_POR_SEGUNDO) * 1000);
    // How long a probe takes is not known.
    return new CircuitoAbierto(Math.round((restoMs > 0 ? restoMs : retornoMs) + Math.random() * margenMs));
  };

  return {
    async pasar(trabajo) {
      // What was sent before an opening says nothing of the time after it.
      const deAhora = aperturas;
      const juzgar: Juzgar = async (veredicto) => {
        if (deAhora === aperturas) await anotar(veredicto);
      };
      if (politica.state === CircuitState.Closed) return trabajo(juzgar);

      const restoMs = abiertoHasta - Date.now();
      if (restoMs > 0 || hayPrueba) throw retener(restoMs);
      hayPrueba = true;
      cambiar('A_PRUEBA');
      try {
        return await trabajo(juzgar);
      } finally {
        hayPrueba = false;
      }
    },
  };
}
