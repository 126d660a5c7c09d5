/** What the register asks of Temporal before it lets a run take another's place. */
export interface RunDescrita {
  runId: string;
  abierta: boolean;
}

export interface MotorEmision {
  /** The run that Temporal names for this codigo; null where it knows none. Never called inside a transaction. */
  describir(codigoSolicitudTramite: string): Promise<RunDescrita | null>;
}
