/** Timeouts and sizes that are no domain's, each with its reason. */

/** One call to Temporal: whoever waits longer is told that it does not answer. */
export const LLAMADA_TEMPORAL_MS = 5_000;

/** The SDK sends a beat as it comes, or this long after the one before; by itself it would wait 0.8 of a beat's limit. */
export const ENTRE_LATIDOS_MS = 1_000;

/** How long it is believed that the same Temporal answers: an empty one takes longer to come up in its place. */
export const TEMPORAL_RECIENTE_MS = 500;

/**
 * Clocks of two machines that are kept by anything differ by less than a second. Less than half of what the comparison of
 * certificates allows (5 minutes), so that the PKI's own clock has the rest.
 */
export const DESFASE_MAXIMO_MS = 120_000;

/** A pass of maintenance: how many rows or runs it takes at once, and how many it names of those that it could not settle. */
export const PAGINA_DE_MANTENIMIENTO = 200;
export const DIFERENCIAS_MAX = 50;

/** A pass whose worker died goes on in another one after this; one that takes longer than the second gives up. */
export const LATIDO_DE_MANTENIMIENTO_MS = 30_000;
export const MANTENIMIENTO_MAXIMO_MS = 3_600_000;

/** Waits between the attempts of a pass: they may be long, since nobody waits for it. */
export const REINTENTOS_DE_MANTENIMIENTO = { initialInterval: 1_000, maximumInterval: 30_000 } as const;

/** Retention counts in days and passes once in each. */
export const DIA_MS = 86_400_000;

/** Retry-After of an answer that says EN_PROCESO, in seconds. */
export const CONSULTAR_DE_NUEVO_S = 5;
/** Where the next attempt is known to be later, Retry-After is until then, and this at most. */
export const CONSULTAR_EN_PAUSA_S = 60;
