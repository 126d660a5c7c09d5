/** What Temporal brings and is none of this service's, by where it stands. */

/** Of a run or an activity that somebody else began; of a result; of a failure, or a cancel. */
export const AJENOS = ['EJECUCION_AJENA', 'RESULTADO_AJENO', 'FALLO_AJENO'] as const;
export type Ajeno = (typeof AJENOS)[number];

/** How workflow code, which is replayed, tells the worker of it: once. */
export type AvisosDeAjenos = {
  ajenos: {
    visto(tipo: Ajeno): void;
  };
};
