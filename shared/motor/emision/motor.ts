/** What the register asks of Temporal: which run is open, and what the closed ones tell of an issuance. */
import type {
  CierreRegistrado,
  EntradaEmision,
  MemoEmision,
  RespuestaPaso1,
  RespuestaPaso2,
} from '../../emision/contrato.ts';
import type { ResultadoEmision } from '../../emision/emision.ts';
import type { CertezaDeEnvio, FalloDeEmision } from '../../emision/fallos.ts';

export interface RunDescrita {
  runId: string;
  abierta: boolean;
  memo?: MemoEmision | undefined;
  comienzo?: ComienzoDeRun | undefined;
}

/** How a run came to be, by Temporal. */
export interface ComienzoDeRun {
  en: Date;
  /** By a start that asked for no delay: not as the successor of another run (a reset, a retry, a cron's next). */
  esDeUnInicio: boolean;
  /** Nothing has happened to it but that start and its first task: nobody paused it, nor changed where it may run. */
  estaEnSuPrimeraTarea: boolean;
}

export interface PaginaDeRuns {
  runIds: string[];
  siguiente: string | null;
}

export interface MotorEmision {
  /** The run that Temporal names for this codigo; null where it knows none. Never called inside a transaction. */
  describir(codigoSolicitudTramite: string): Promise<RunDescrita | null>;
  /**
   * One page of the runs of this codigo that are closed, from the last to the first. It lags behind by seconds.
   * @param pagina `siguiente` of the page before; null: the first
   */
  cerradas(codigoSolicitudTramite: string, pagina: string | null): Promise<PaginaDeRuns>;
  /**
   * What a closed run tells of itself; null where Temporal has forgotten it, it is open, or it is none of this service's.
   * @throws HistoriaIlegible
   */
  leerHistoria(codigoSolicitudTramite: string, runId: string): Promise<HistoriaDeRun | null>;
}

/** The history is encrypted under a key that is not in the ring, or is of another form than any that was ever written. */
export class HistoriaIlegible extends Error {
  constructor(options: ErrorOptions) {
    super('the history of a run cannot be read', options);
    this.name = 'HistoriaIlegible';
  }
}

/** A closed run, by its history. That of a reset run begins with the history of the run that it was reset from. */
export interface HistoriaDeRun {
  runId: string;
  entrada: EntradaEmision;
  inicio: Date;
  cierre: Date;
  fin: FinDeRunCerrada;
  paso1: Rastro<RespuestaPaso1>;
  paso2: Rastro<RespuestaPaso2>;
}

/** SIN_DESENLACE: terminated, timed out. */
export type FinDeRunCerrada =
  | { tipo: 'COMPLETADO'; resultado: ResultadoEmision }
  // What the register recorded, where it did; runs of the first versions do not say it.
  | { tipo: 'FALLIDO'; fallo: FalloDeEmision; registrado: CierreRegistrado | null }
  | { tipo: 'SIN_DESENLACE' };

/** What a step may have left at the PKI. */
export interface Rastro<R> {
  /** Attempts that were begun, of which a circuit may have held some back; 0: it was never scheduled. */
  intentos: number;
  respuesta: R | null;
  /** Of this run's sends; DEFINITIVO: of those of earlier runs too. */
  certeza: CertezaDeEnvio;
}

export interface EjecucionListada {
  codigo: string;
  runId: string;
}

interface PaginaDeEjecuciones {
  ejecuciones: EjecucionListada[];
  siguiente: string | null;
}

/**
 * One page of the runs that closed since `desde` (ISO 8601 UTC; null: all that Temporal still knows).
 * @param pagina `siguiente` of the page before; null: the first
 */
export type ListaDeCerradas = (desde: string | null, pagina: string | null) => Promise<PaginaDeEjecuciones>;

/** One page of the runs that are open; `pagina` as above. */
export type ListaDeAbiertas = (pagina: string | null) => Promise<PaginaDeEjecuciones>;
