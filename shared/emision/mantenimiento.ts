/**
 * Maintenance of the register: workflows that a Schedule or a command starts. Their names, ids and results; operators
 * read them, so they are Spanish.
 */

/** Register against Temporal: what is open is settled by the rules; the PKI is never called. */
export const WORKFLOW_CONCILIACION = 'conciliarSolicitudes';

/** Ids of Schedules. Temporal adds the moment to the id of each run. */
export const PROGRAMACIONES = { conciliacion: 'conciliacion' } as const;

/** The run that a command starts: of two commands at once the second follows the first's. */
export function workflowIdDeOrden(workflow: string): string {
  return `mantenimiento/${workflow}`;
}

/** What a pass could not settle: support is told what it is and what to do. */
export interface Diferencia {
  codigoSolicitudTramite: string;
  /** Spanish; no personal data. */
  motivo: string;
}

export const ACCIONES = ['NINGUNA', 'INTERRUMPIDA', 'RECONSTRUIDA'] as const;
/** What reconciling one codigo did: nothing; closed as FALLIDO; its row made from what Temporal knows. */
export type Accion = (typeof ACCIONES)[number];

export interface Recuento {
  /** Codigos looked at, one by one. */
  revisadas: number;
  interrumpidas: number;
  reconstruidas: number;
  /** All that could not be settled; `diferencias` names the first DIFERENCIAS_MAX. */
  sinConciliar: number;
  diferencias: Diferencia[];
}

/** The locks as they stand. */
export interface Candados {
  inciertas: number;
  /** When the oldest of the uncertain ones failed, ISO 8601 UTC. */
  inciertaMasAntigua: string | null;
  /** Uncertain by its row, and by no send: there should be none. */
  sinRazon: Diferencia[];
}

/** The result of a pass, which the next one of the Schedule is given. */
export interface InformeDeConciliacion extends Recuento, Candados {
  /** When it began. */
  inicio: string;
  /** An audit entry that the register then held: a register that lacks it was restored from an older copy. */
  testigo: string | null;
}

export interface ActividadesDeConciliacion {
  /**
   * Since when closed runs are to be looked at, ISO 8601 UTC; null: all that Temporal knows, because no pass came before
   * or the register was restored since.
   */
  desdeCuando(anterior: Pick<InformeDeConciliacion, 'inicio' | 'testigo'> | null): Promise<string | null>;
  /** Every row that is EN_PROCESO, oldest first. */
  conciliarEnProceso(): Promise<Recuento>;
  /** Runs that Temporal closed since then, or holds open, and whose row is missing or behind. */
  conciliarEjecuciones(desde: string | null): Promise<Recuento>;
  /** The report of a pass that began at `inicio`. */
  informar(inicio: string, recuentos: Recuento[]): Promise<InformeDeConciliacion>;
}
