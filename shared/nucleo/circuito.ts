/**
 * A service that fails in a row is left in peace, then asked by one. The circuit keeps the row and the states: it makes no
 * call, holds no timer and waits for nobody. What a failure is, and what becomes of who is turned away, its user decides.
 */

/**
 * A_PRUEBA: one caller probes whether the service is back. If its probe ends without telling anything, the next caller
 * probes.
 */
export type EstadoDeCircuito = 'CERRADO' | 'A_PRUEBA' | 'ABIERTO';

/**
 * What a call tells of the service that it went to. RESPONDE: it answered, if only to refuse. FALLA: it is at fault.
 * NO_CONSTA: something answered, which shows neither: a few of these are no failure of the service, and none proves its return.
 */
export type Veredicto = 'RESPONDE' | 'FALLA' | 'NO_CONSTA';

export interface Circuito {
  vista: () => VistaDeCircuito;
  /** The leave for one call; null while the circuit is open or another probes. */
  entrar: () => Pase | null;
  /** Opens it for so long, where it is closed: somebody else has found the service at fault. */
  abrir: (restoMs: number) => void;
  /** Ends the rest: somebody else has found the service back. */
  sondear: () => void;
  /** Milliseconds since somebody might probe and nobody did; 0 while it is closed, rests or is probed. */
  sinSondaMs: () => number;
}

export interface VistaDeCircuito {
  estado: EstadoDeCircuito;
  /** Milliseconds until somebody may probe. 0 where the circuit is closed, and where a probe may begin or is under way. */
  restoMs: number;
  /** The leave of the caller that probes; null where none does. */
  sonda: Pase | null;
}

export interface Pase {
  /** The service is asked whether it is back. */
  esSonda: boolean;
  /** Counts where the call was sent after the last opening: what was sent before says nothing of the time after it. */
  juzgar: (veredicto: Veredicto) => void;
  /**
   * The call is over, or waited for no longer. A probe that told nothing yet leaves its place to the next to come, after
   * this rest; its answer, when it comes, closes the circuit all the same.
   */
  dejar: (restoMs?: number) => void;
}

interface OpcionesDeCircuito {
  /** Failures in a row that open it, unless as many were answered within the last `treguaMs`. */
  fallosParaAbrir: number;
  /** While others are answered, a few that fail by themselves do not stop them. Absent: none. */
  treguaMs?: number;
  /** Calls, failed or of an unclear end, that open it where none between them was answered. Absent: no number of them. */
  sinRespuestaParaAbrir?: number;
  /** So long it is open before one probes: after the first failures, and after each probe in a row that failed (from 1). */
  abiertoMs: (sondasFallidas: number) => number;
  /** Milliseconds of a clock that is never set: a circuit must not stay open because somebody set the machine's. */
  ahoraMs: () => number;
  alCambiar?: (estado: EstadoDeCircuito) => void;
}

export function createCircuito({
  fallosParaAbrir,
  treguaMs = 0,
  sinRespuestaParaAbrir = Infinity,
  abiertoMs,
  ahoraMs,
  alCambiar = () => undefined,
}: OpcionesDeCircuito): Circuito {
  let estado: EstadoDeCircuito = 'CERRADO';
  let fallos = 0;
  let sinRespuesta = 0;
  /** When the last calls were answered, as many as would open it. */
  let respondidas: number[] = [];
  let aperturas = 0;
  let sondasFallidas = 0;
  let abiertoHasta = 0;
  let sonda: Pase | null = null;

  const cambiar = (nuevo: EstadoDeCircuito) => {
    if (nuevo === estado) return;
    estado = nuevo;
    alCambiar(estado);
  };
  const abrir = (restoMs = abiertoMs(sondasFallidas)) => {
    aperturas += 1;
    abiertoHasta = ahoraMs() + restoMs;
    sonda = null;
    cambiar('ABIERTO');
  };
  const seResponde = () => {
    const [primera] = respondidas;
    return respondidas.length === fallosParaAbrir && primera !== undefined && ahoraMs() - primera < treguaMs;
  };
  const cerrar = () => {
    respondidas = [...respondidas, ahoraMs()].slice(-fallosParaAbrir);
    sinRespuesta = 0;
    fallos = 0;
    sondasFallidas = 0;
    sonda = null;
    cambiar('CERRADO');
  };
  const restoMs = () => (estado === 'CERRADO' ? 0 : Math.max(0, abiertoHasta - ahoraMs()));

  const nuevoPase = (esSonda: boolean): Pase => {
    const deAhora = aperturas;
    const pase: Pase = {
      esSonda,
      juzgar(veredicto) {
        if (deAhora !== aperturas) return;
        if (veredicto === 'RESPONDE') cerrar();
        else if (estado === 'CERRADO') {
          fallos = veredicto === 'FALLA' ? fallos + 1 : 0;
          sinRespuesta += 1;
          if (sinRespuesta >= sinRespuestaParaAbrir || (fallos >= fallosParaAbrir && !seResponde())) abrir();
          // A probe that was left behind fails while the service rests, or is probed by another.
        } else if (sonda === pase) {
          sondasFallidas += 1;
          abrir();
        }
      },
      dejar(restoMs = 0) {
        if (sonda !== pase) return;
        sonda = null;
        abiertoHasta = ahoraMs() + restoMs;
      },
    };
    return pase;
  };

  return {
    vista: () => ({ estado, restoMs: restoMs(), sonda }),
    entrar() {
      if (estado === 'CERRADO') return nuevoPase(false);
      if (restoMs() > 0 || sonda) return null;
      sonda = nuevoPase(true);
      cambiar('A_PRUEBA');
      return sonda;
    },
    abrir(restoMs) {
      if (estado === 'CERRADO') abrir(restoMs);
    },
    sondear() {
      abiertoHasta = Math.min(abiertoHasta, ahoraMs());
    },
    sinSondaMs: () => (estado === 'CERRADO' || sonda ? 0 : Math.max(0, ahoraMs() - abiertoHasta)),
  };
}
