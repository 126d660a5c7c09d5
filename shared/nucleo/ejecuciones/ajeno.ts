/** What Temporal brings that is not this service's, by its kind. */

/** A run or an activity that somebody else began; a result; a failure, or a cancel. */
export const AJENOS = ['EJECUCION_AJENA', 'RESULTADO_AJENO', 'FALLO_AJENO'] as const;
export type Ajeno = (typeof AJENOS)[number];

/** How workflow code, which is replayed, tells the worker of one: once. */
export type AvisosDeAjenos = {
  ajenos: {
    visto(tipo: Ajeno): void;
  };
};
