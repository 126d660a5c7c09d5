/**
 * One circuit an endpoint, in each process: a PKI that fails in a row is left in peace, then asked once (ADR 20). What it
 * holds back waits in Temporal's queue, from which no more is taken than the circuit admits (ADR 50).
 */
import type { Paso } from '../../../shared/emision/contrato.ts';
import {
  CIRCUITO_ABIERTO_ENTRE_VARIOS_MS,
  CIRCUITO_ABIERTO_MAXIMO_MS,
  CIRCUITO_ABIERTO_MS,
  CIRCUITO_UNA_VEZ_ENTRE_VARIOS_MS,
  CIRCUITO_UNA_VEZ_MAXIMO_MS,
  ESPERA_MAXIMA_MS,
  FALLOS_PARA_ABRIR,
  LLAMADAS_SIMULTANEAS,
  RETORNO_MS,
  SIN_RESPUESTA_PARA_ABRIR,
  SIN_SONDA_MS,
  SIN_SONDA_PROPIA_MS,
  TREGUA_MS,
} from '../../../shared/emision/plazos.ts';
import { createCircuito, type VistaDeCircuito, type Veredicto } from '../../../shared/nucleo/circuito.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import type { MetricasDeCircuito } from './metricas-pki.ts';

export interface CircuitoPki {
  /**
   * Does `trabajo`, which calls the endpoint at most once and then tells `juzgar` how the service did. Work that ends
   * without a verdict (the register was down, the turn was lost) decides nothing. If it was the probe, another probes after a rest as at
   * first.
   * @param trabajo is told whether it probes
   * @param codigo whose work it is
   * @throws CircuitoAbierto at once, with nothing begun, while the circuit is open or another probes
   */
  pasar<T>(trabajo: (juzgar: Juzgar, esSonda: boolean) => Promise<T>, codigo?: string): Promise<T>;
  vista: () => VistaDeCircuito;
  /** The codigo whose call probes; null where none does. */
  aPruebaCon: () => string | null;
  /** How many calls it lets in at once, those under way among them: all, one more that probes, none, or ever more after an outage. */
  admite: () => number;
  /** @param avisar called when it may admit more than before */
  alAdmitirMas: (avisar: () => void) => void;
  /** @param avisar called when its state has changed */
  alCambiar: (avisar: () => void) => void;
  /** Begins as others left it, for the rest that they had left: what they know is not found out again by failures. */
  empezarAbierto: (restoMs: number) => void;
  /** Ends its rest: another worker has found the service back. */
  sondear: () => void;
  /** How long yet a probe of this endpoint may be waited for, by another endpoint of the same PKI. */
  porProbarMs: () => number;
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

const PLAZOS = {
  abiertoMs: CIRCUITO_ABIERTO_MS,
  abiertoMaximoMs: CIRCUITO_ABIERTO_MAXIMO_MS,
  abiertoEntreVariosMs: CIRCUITO_ABIERTO_ENTRE_VARIOS_MS,
  retornoMs: RETORNO_MS,
  sinSondaMs: SIN_SONDA_MS,
  sinSondaPropiaMs: SIN_SONDA_PROPIA_MS,
};

const PLAZOS_UNA_VEZ = {
  abiertoMaximoMs: CIRCUITO_UNA_VEZ_MAXIMO_MS,
  abiertoEntreVariosMs: CIRCUITO_UNA_VEZ_ENTRE_VARIOS_MS,
};

interface OpcionesDeCircuitos {
  metricas: MetricasDeCircuito;
  log: Pick<Logger, 'info' | 'warn'>;
  /** How many workers share the probing of a PKI that is down; this one is among them. */
  trabajadores?: () => number;
  /** The retry window: a rest that is longer would be most of what somebody set who wants a quick end. */
  ventanaReintentoMs?: number;
  plazos?: Partial<typeof PLAZOS>;
  ahoraMs?: () => number;
  azar?: () => number;
}

/**
 * The circuits of both steps, which log and count each change. Where step 2 may be sent only once, each of its probes that fails
 * may leave an outcome uncertain: it waits for step 1 to find the PKI back, as long as anybody comes to probe that; by itself it
 * probes rarely.
 */
export function createCircuitosPki({
  paso2UnaVez = false,
  ...opciones
}: OpcionesDeCircuitos & { paso2UnaVez?: boolean }): Record<Paso, CircuitoPki> {
  const primero = createCircuitoPki(1, opciones);
  return { 1: primero, 2: createCircuitoPki(2, opciones, paso2UnaVez ? primero : null) };
}

function createCircuitoPki(
  paso: Paso,
  {
    metricas,
    log,
    trabajadores = () => 1,
    ventanaReintentoMs = Infinity,
    plazos: otros = {},
    ahoraMs = () => performance.now(),
    azar = Math.random,
  }: OpcionesDeCircuitos,
  quienProbaria: Pick<CircuitoPki, 'porProbarMs' | 'alCambiar' | 'vista'> | null = null,
): CircuitoPki {
  const plazos = { ...PLAZOS, ...(quienProbaria && PLAZOS_UNA_VEZ), ...otros };
  let aPruebaCon: string | null = null;
  let enCurso = 0;
  /**
   * Calls at once, and one more for each that is answered: after an outage from one, so that what was held does not fall on
   * the PKI; where each that fails may leave an outcome uncertain, at first as many as open the circuit: a worker that starts in
   * an outage knows nothing of it.
   */
  let cupo = quienProbaria ? FALLOS_PARA_ABRIR : Infinity;
  const deAdmision: (() => void)[] = [];
  const deCambios: (() => void)[] = [];
  const avisar = (avisos: readonly (() => void)[]) => {
    for (const uno of avisos) uno();
  };
  const circuito = createCircuito({
    fallosParaAbrir: FALLOS_PARA_ABRIR,
    // What is sent only once is risked for no longer than it takes to doubt.
    treguaMs: quienProbaria ? 0 : TREGUA_MS,
    sinRespuestaParaAbrir: quienProbaria ? FALLOS_PARA_ABRIR : SIN_RESPUESTA_PARA_ABRIR,
    abiertoMs: (sondasFallidas) => {
      const deUnoMs = Math.min(
        plazos.abiertoMs * 2 ** sondasFallidas,
        plazos.abiertoMaximoMs,
        ventanaReintentoMs,
      );
      return entreVariosMs(deUnoMs, plazos.abiertoEntreVariosMs, trabajadores(), azar());
    },
    ahoraMs,
    alCambiar(estado) {
      metricas.circuito(paso, estado);
      log[estado === 'ABIERTO' ? 'warn' : 'info']({ paso, estado }, 'the circuit of a PKI endpoint changed');
      if (estado === 'ABIERTO') avisarTrasElDescanso();
      if (estado === 'CERRADO') cupo = 1;
      avisar(deCambios);
      avisar(deAdmision);
    },
  });

  const esperaDeOtroMs = () => {
    if (!quienProbaria) return 0;
    return Math.min(
      quienProbaria.porProbarMs(),
      Math.max(0, plazos.sinSondaPropiaMs - circuito.sinSondaMs()),
    );
  };
  const descansoMs = () => Math.max(circuito.vista().restoMs, esperaDeOtroMs());
  metricas.descanso(paso, () => (circuito.vista().estado === 'CERRADO' ? 0 : descansoMs()));
  // The circuit holds no timer, and nobody may come to ask it: work waits to be let in.
  let aviso: NodeJS.Timeout | undefined;
  const avisarTrasElDescanso = () => {
    clearTimeout(aviso);
    aviso = setTimeout(() => {
      if (circuito.vista().estado !== 'CERRADO' && descansoMs() > 0) avisarTrasElDescanso();
      else avisar(deAdmision);
    }, Math.ceil(descansoMs())).unref();
  };
  quienProbaria?.alCambiar(() => {
    if (circuito.vista().estado === 'CERRADO') return;
    if (quienProbaria.vista().estado === 'CERRADO') circuito.sondear();
    avisar(deAdmision);
  });

  return {
    vista() {
      const vista = circuito.vista();
      return vista.estado === 'CERRADO' ? vista : { ...vista, restoMs: descansoMs() };
    },
    admite() {
      const { estado, sonda } = circuito.vista();
      if (estado === 'CERRADO') return cupo;
      // What was sent before it opened may be under way yet.
      return descansoMs() > 0 || sonda ? 0 : enCurso + 1;
    },
    porProbarMs() {
      const { estado, restoMs, sonda } = circuito.vista();
      if (estado === 'CERRADO') return 0;
      // How long a probe takes is not known.
      return sonda ? plazos.sinSondaMs : restoMs + Math.max(0, plazos.sinSondaMs - circuito.sinSondaMs());
    },
    alAdmitirMas: (uno) => deAdmision.push(uno),
    alCambiar: (uno) => deCambios.push(uno),
    empezarAbierto(restoMs) {
      circuito.abrir(Math.min(restoMs, ventanaReintentoMs));
    },
    sondear() {
      circuito.sondear();
      avisar(deAdmision);
    },
    aPruebaCon: () => (circuito.vista().sonda ? aPruebaCon : null),
    async pasar(trabajo, codigo) {
      const pase = circuito.vista().estado === 'CERRADO' || descansoMs() === 0 ? circuito.entrar() : null;
      if (!pase) {
        metricas.rechazada(paso);
        throw new CircuitoAbierto(vueltaMs(plazos, descansoMs(), azar()));
      }
      if (pase.esSonda) aPruebaCon = codigo ?? null;
      enCurso += 1;
      // A register that is down must not be asked by one probe after the other.
      let restoSinVeredictoMs = plazos.abiertoMs;
      try {
        const juzgar = (veredicto: Veredicto) => {
          pase.juzgar(veredicto);
          if (veredicto === 'RESPONDE') cupo = cupo < LLAMADAS_SIMULTANEAS ? cupo + 1 : Infinity;
        };
        const hecho = await trabajo(juzgar, pase.esSonda);
        restoSinVeredictoMs = 0;
        return hecho;
      } finally {
        enCurso -= 1;
        pase.dejar(restoSinVeredictoMs);
        const { estado } = circuito.vista();
        if (estado === 'A_PRUEBA') avisarTrasElDescanso();
        if (cupo < Infinity) avisar(deAdmision);
      }
    },
  };
}

/**
 * How long an open circuit rests where several workers probe: so much longer by chance that together they ask little more
 * often than one would. By chance, since the one that asks first may be the one that cannot reach the PKI.
 */
function entreVariosMs(deUnoMs: number, maximoMs: number, trabajadores: number, azar: number): number {
  const masLargoMs = Math.min(deUnoMs * (2 * trabajadores - 1), Math.max(deUnoMs, maximoMs));
  return deUnoMs + azar * (masLargoMs - deUnoMs);
}

/** When to come again. Soon enough: whoever comes while the circuit is still open waits in the queue. */
function vueltaMs({ retornoMs }: typeof PLAZOS, restoMs: number, azar: number): number {
  // How long a probe takes is not known.
  return Math.round(Math.min(restoMs || retornoMs, ESPERA_MAXIMA_MS) + azar * retornoMs);
}
