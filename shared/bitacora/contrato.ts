/** What others ask of the audit log over Temporal: names, orders and results. Operators read them: they are Spanish. */

export const COLA_BITACORA = 'bitacora';
export const WORKFLOW_VERIFICACION = 'verificarBitacora';
export const WORKFLOW_NUEVA_EPOCA = 'abrirEpocaDeBitacora';
export const WORKFLOW_ANOTACION = 'anotarEnBitacora';
/** Id of the Schedule that verifies. */
export const PROGRAMACION_VERIFICACION = 'verificacion-bitacora';

/** The mark keeps them in clear for operators (shared/runtime/temporal/codec.ts). */
export const RESUMEN_VERIFICACION = '▸ Verifica que nadie alteró la bitácora';
export const RESUMEN_NUEVA_EPOCA = '▸ Abre una época de la bitácora: el registro se restauró';

export const RESUMEN_ANOTACION = '▸ Anota en la bitácora lo que una persona decidió sobre ella';

/** A whole log is read and hashed: minutes for millions of entries. It beats at every stretch of it. */
export const VERIFICACION_MAXIMA_MS = 6 * 3_600_000;
export const LATIDO_DE_VERIFICACION_MS = 60_000;
export const INTENTOS_DE_VERIFICACION = 3;

export interface Hallazgo {
  epoca: number | null;
  /** The entry's place in the tree of its epoch. */
  indice: number | null;
  /** The entry's id: registroAuditoriaId. */
  id: string | null;
  /** In words, for whoever must act on it. */
  falta: string;
}

export interface InformeDeEpoca {
  epoca: number;
  tamano: number;
  abiertaEn: string | null;
  causa: string | null;
  motivo: string | null;
}

export interface InformeDeBitacora {
  epocas: InformeDeEpoca[];
  /** Entries that have no place in the tree yet. */
  sinLugar: number;
  /** The first HALLAZGOS_MAX. */
  hallazgos: Hallazgo[];
  /** How many there are in all. */
  hallados: number;
}

/** A report must fit into a payload, and nobody reads more. */
export const HALLAZGOS_MAX = 200;

/**
 * What a person decides about the log, who it is and why; `motivo` has no personal data. An earlier command does not say
 * who.
 */
export type OrdenDeAnotacion = { motivo: string; quien?: string | undefined } & (
  { tipo: 'RECONOCER_EPOCA'; epoca: number } | { tipo: 'ADOPTAR_ENTRADAS' }
);

export interface ActividadesDeBitacora {
  /** @param notas checkpoints that the caller keeps, beside what the worker's own witness does */
  verificar(notas: string[]): Promise<InformeDeBitacora>;
  /** @returns the new epoch; null where another one had begun meanwhile */
  abrirEpoca(motivo: string, quien?: string): Promise<number | null>;
  /** @returns how many epochs were acknowledged, or entries adopted; fails with words where it is refused */
  anotar(orden: OrdenDeAnotacion): Promise<number>;
}
