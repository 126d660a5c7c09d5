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
