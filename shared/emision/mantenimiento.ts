/**
 * Maintenance of the register: workflows that a Schedule or a command starts. Their names, ids and results; operators
 * read them, so they are Spanish.
 */

/** Register against Temporal: what is open is settled by the rules; the PKI is never called. */
export const WORKFLOW_CONCILIACION = 'conciliarSolicitudes';

/** What is personal and has had its time is taken away. */
export const WORKFLOW_RETENCION = 'aplicarRetencion';

/** Ids of Schedules. Temporal adds the moment to the id of each run. */
export const PROGRAMACIONES = { conciliacion: 'conciliacion', retencion: 'retencion' } as const;

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
  /** Set where it stopped before, or at, too many changes. */
  detenida?: Detencion;
}

/**
 * Why a pass stopped: it would have changed more at once than single dead runs explain. Temporal or the register may be
 * another.
 */
export interface Detencion {
  /** Open issuances whose run is closed or unknown; or, of those that Temporal lists, what was rebuilt until then. */
  porCambiar: number;
  /** Rows that were open. */
  enProceso: number;
  /** What may change without an operator's word. */
  admitidas: number;
}

/** What a command says of a pass; the Schedule says that nothing is forced. */
export interface OrdenDeConciliacion {
  /** An operator looked, and wants all of it changed. */
  forzar: boolean;
}

/** The locks as they stand. */
export interface Candados {
  /** Citizens that no other request may be issued for: by a request that goes on, or an uncertain one. */
  candados: number;
  /** Since when the oldest is held: its last run began, ISO 8601 UTC. */
  candadoMasAntiguo: string | null;
  inciertas: number;
  /** When the oldest of the uncertain ones failed, ISO 8601 UTC. */
  inciertaMasAntigua: string | null;
  /** Uncertain by their row, but without an unclear send: there should be none. */
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
  /** Every row that is EN_PROCESO, oldest first; none is changed where it would be too many. */
  conciliarEnProceso(orden?: OrdenDeConciliacion): Promise<Recuento>;
  /** Runs that Temporal closed since then, or holds open, and whose row is missing or behind; until it would be too many. */
  conciliarEjecuciones(desde: string | null, orden?: OrdenDeConciliacion): Promise<Recuento>;
  /** The report of a pass that began at `inicio`. */
  informar(inicio: string, recuentos: Recuento[]): Promise<InformeDeConciliacion>;
}

/** An order without content: sealed, it still shows whose it is. */
export type OrdenVacia = Record<string, never>;

/** What a pass of retention took away. */
export interface InformeDeRetencion {
  solicitudes: number;
  /** Reasons and names of bulk re-runs. */
  ordenes: number;
  /** Their time is over and they do not open; `ilegibles` names the codigos of the first DIFERENCIAS_MAX. */
  sinRetirar: number;
  ilegibles: string[];
  /** Closed, their time over, and the PKI's answer neither released nor found wrong: they stay. */
  sinJuzgar: number;
  /** Why nothing was taken away, though it is time; in words for operators. */
  detenida: string | null;
}

export interface ActividadesDeRetencion {
  retirarVencidos(orden: OrdenVacia): Promise<InformeDeRetencion>;
}
