/** What the register asks of Temporal before it lets a run take another's place. */
import type { MemoEmision } from './contrato.ts';

export interface RunDescrita {
  runId: string;
  abierta: boolean;
  memo?: MemoEmision | undefined;
}

export interface MotorEmision {
  /** The run that Temporal names for this codigo; null where it knows none. Never called inside a transaction. */
  describir(codigoSolicitudTramite: string): Promise<RunDescrita | null>;
}

export interface EjecucionListada {
  codigo: string;
  runId: string;
  abierta: boolean;
}

/**
 * One page of the runs that closed since `desde` (ISO 8601 UTC; null: all that Temporal still knows) or are open.
 * @param pagina `siguiente` of the page before; null: the first
 */
export type ListaDeEjecuciones = (
  desde: string | null,
  pagina: string | null,
) => Promise<{ ejecuciones: EjecucionListada[]; siguiente: string | null }>;

/** What Temporal keeps, by the key that it stands under. */
export interface ClavesEnTemporal {
  /** One page of all runs. @param pagina `siguiente` of the page before; null: the first */
  listar(pagina: string | null): Promise<{
    /** `clave` is null where the run does not say; `cierre` where it is open. */
    ejecuciones: { clave: string | null; cierre: Date | null }[];
    siguiente: string | null;
  }>;
  /** How long a closed run is kept. */
  retencionMs(): Promise<number>;
}
