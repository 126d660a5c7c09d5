/** Every timeout and retry number of the issuance that is not a variable of the environment, with its reason. */

/** An attempt may take the PKI's timeout and this much more for its marks in the register. */
export const MARGEN_INTENTO_MS = 5_000;

/**
 * Temporal may stand still so long (a failover of its store or of a shard, a host that pauses it) and no attempt is lost for it,
 * wherever it is met: as it is announced, as it beats or as it ends (ADR 48). What waits for Temporal waits twice as long.
 */
export const PARON_MS = 5_000;

/**
 * An attempt beats every LATIDO_CADA_MS. One whose worker died is noticed LATIDO_MS after its last beat, not after the whole
 * attempt: a stall of 5 s right before a beat is less. What is sent only once is given up later: no other attempt can mend it.
 */
export const LATIDO_CADA_MS = 2_000;
export const LATIDO_MS = 10_000;
export const LATIDO_UNA_VEZ_MS = 20_000;

/** Waits between attempts: 1, 2, 4 … 30 s, each up to 20 % shorter or longer, so that held work does not return as one. */
export const ESPERA_INICIAL_MS = 1_000;
export const ESPERA_MAXIMA_MS = 30_000;
export const FACTOR_ESPERA = 2;
const VARIACION_ESPERA = 0.2;

/**
 * Consecutive failures of one endpoint that open its circuit, and the rest that the PKI then gets before one probe: twice
 * as long after each probe that failed, up to the longest. Workers that share the probing rest longer, up to the last.
 */
export const FALLOS_PARA_ABRIR = 5;
export const CIRCUITO_ABIERTO_MS = 10_000;
export const CIRCUITO_ABIERTO_MAXIMO_MS = 120_000;
export const CIRCUITO_ABIERTO_ENTRE_VARIOS_MS = 300_000;

/**
 * Where as many were answered within this, a few requests that make the PKI fail are at fault, not the PKI: their failures
 * open nothing, unless so many calls, failed or of an unclear end, go without an answer between them.
 */
export const TREGUA_MS = 2_000;
export const SIN_RESPUESTA_PARA_ABRIR = 20;

/**
 * The longest rests of a step 2 that may be sent only once, of one worker and of several: each of its probes may leave an
 * outcome uncertain, for a person to settle. Where others probe step 1 all the time and nobody finds the PKI back, it probes
 * by itself after the third.
 */
export const CIRCUITO_UNA_VEZ_MAXIMO_MS = 900_000;
export const CIRCUITO_UNA_VEZ_ENTRE_VARIOS_MS = 10_800_000;
export const SIN_SONDA_PROPIA_MS = 3_600_000;

/**
 * Probes of one step that may fail. Each is followed by the longest wait, half a minute: no outage of a day is so many. A
 * request that makes the PKI fail ends by them, after days, where nothing else is sent that would show whose fault it is.
 */
export const SONDAS_MAX = 3_000;

/** Where nobody has come for so long to probe step 1, step 2 probes by itself, also where it may be sent only once. */
export const SIN_SONDA_MS = 60_000;

/** What an open circuit turned away comes back to the queue spread over this. */
export const RETORNO_MS = 5_000;

/** PKI calls of one step that a worker makes at once: what is held beyond them waits in Temporal. */
export const LLAMADAS_SIMULTANEAS = 50;

/** A worker tells the others, and the APIs, how its circuits stand: at each change, and so often. */
export const CIRCUITOS_CADA_MS = 5_000;
/** And so often while one of them is open; as often at most an API reads what they tell. */
export const CIRCUITOS_ABIERTOS_CADA_MS = 1_000;
/** What is older is no word of a worker that runs. */
export const CIRCUITOS_RECIENTES_MS = 15_000;
/** As others left them so lately does a worker that starts take its own. */
export const CIRCUITOS_CONOCIDOS_MS = 150_000;

/** A refusal or a reply that makes no sense rarely passes by itself: a few tries, then support. */
export const INTENTOS_POCOS = 3;

/** A gateway that reloads its routes, or is rolled out, finds them again in a minute and a half; a wrong URL never does. */
export const INTENTOS_VARIOS = 8;

/** A longer Retry-After is read as this: no retry window is as long. */
export const RETRY_AFTER_MAXIMO_MS = 86_400_000;

/** How often somebody else may end a step before the issuance ends and support is told. */
export const RESULTADOS_AJENOS_MAX = 3;

/**
 * One write to the register. Retried until it succeeds: an outcome that is not recorded would be lost. No wait is longer than
 * the outage was before it. Short ones hold the run's task in its worker (3 s in all: a failover of connections); those beyond
 * `localRetryThreshold` are timers of Temporal's, which hold nothing (ADR 48).
 */
export const ESPERA_REGISTRO_INICIAL_MS = 200;
export const ESCRITURA_EN_EL_REGISTRO = {
  startToCloseTimeout: 15_000,
  retry: { initialInterval: ESPERA_REGISTRO_INICIAL_MS, maximumInterval: 30_000 },
  localRetryThreshold: 2_000,
} as const;

/** Why an issuance waits is told to the register within this, or not: the attempt that failed must end. */
export const ANOTAR_ESPERA_MS = 1_000;

/** A query of a run, and a count of the open ones: what waits longer is answered without. */
export const CONSULTA_MS = 1_500;

/**
 * The part of the issuances that may be open at once which one client may have: the rest stays for others, however many
 * it sends.
 */
export const PARTE_DE_UN_CLIENTE = 0.9;

/** The count of open issuances, which bounds what the API accepts, is made anew after this. */
export const RECUENTO_MS = 1_000;
/** Of the time no more than one part in so many is spent on counting. */
export const PARTE_DEL_RECUENTO = 10;
/** Where it has failed for so long, it bounds nothing any more. */
export const SIN_RECUENTO_MS = 30_000;

/**
 * The register counts what a worker has begun. What waits for a worker is asked of Temporal too, this rarely: its counts and
 * lists are ten a second, for all who ask.
 */
export const RECUENTO_EN_TEMPORAL_MS = 30_000;

/** Codigos that a count of the register looks up by name, of those that were started and that it has not shown yet. */
export const PENDIENTES_POR_RECUENTO = 1_000;

/**
 * A first run is believed to be the first where Temporal took it within this after its acceptance: between them lie a few
 * calls of 5 s at most. Clocks that differ by more cost a list of Temporal's.
 */
export const ARRANQUE_MAXIMO_MS = 30_000;
/**
 * And where a worker took it within this: a copy of a start that is kept back for a restore waits longer. What waits for a
 * worker counts no longer than this as open where neither the register nor Temporal shows it.
 */
export const ESPERA_DE_UN_WORKER_MS = 600_000;

/**
 * A row to which nothing was written for so long, or whose run nobody looked at for so long, may be a dead run's: a GET asks
 * Temporal. Longer than most issuances take, and no longer than an operator waits who ended a run.
 */
export const FILA_RECIENTE_MS = 5_000;

/** Such looks of one process: Temporal answers thousands, but what is held by an open circuit is never recent. */
export const MIRADAS_POR_SEGUNDO = 20;

/** A POST that waits looks this often whether its step is held by an open circuit: at first soon, then rarely. */
export const MIRADA_INICIAL_MS = 250;
export const MIRADA_MAXIMA_MS = 2_000;

/** Issuances on one page of a list, in one bulk re-run, and at work at once in a bulk re-run. */
export const PAGINA = 50;
export const REEJECUCIONES_MAX = 500;
export const REEJECUCIONES_A_LA_VEZ = 5;

/** Codigos of a bulk re-run that one run takes: some 40 kB of history each, and Temporal warns of a history of 10 MB. */
export const REEJECUCIONES_POR_RUN = 100;

/** Issuances of one citizen that a search shows: many times what one person ever has. */
export const SOLICITUDES_POR_CIUDADANO_MAX = 200;

/** Issuances that one correlation id is told to have led to: a bulk re-run has one for all. */
export const SOLICITUDES_SEGUIDAS_MAX = 50;
/** Entries of the audit log that are told of each: some five a run. */
export const HECHOS_POR_SOLICITUD_MAX = 200;

/** A pass looks this much further back than the start of the last: Temporal lists what closed with some delay. */
export const SOLAPE_DE_CONCILIACION_MS = 120_000;

/** Where more are open, a pass asks Temporal for its list of them, and describes only those that it does not show. */
export const DESCRITAS_UNA_POR_UNA_MAX = 1_000;

/** When in the day retention passes, by UTC: 2 o'clock in Lima, when nobody waits for what it delays. */
export const RETENCION_A_LAS_MS = 7 * 3_600_000;

/**
 * A pass that would close or rebuild more than this part of what is open is stopped: single runs die, a tenth of all at
 * once does not. Among few a tenth says nothing.
 */
const PARTE_CAMBIADA_MAX = 0.1;
const CAMBIADAS_MIN = 20;

/** What one pass of reconciliation may change without an operator's word, of so many that are open. */
export function cambiosAdmitidos(enProceso: number): number {
  return Math.max(CAMBIADAS_MIN, Math.floor(enProceso * PARTE_CAMBIADA_MAX));
}

/**
 * Wait before the next attempt.
 * @param intento the attempt that failed, from 1
 * @param azar in [0, 1)
 */
export function esperaTrasIntentoMs(intento: number, azar: number): number {
  const esperaMs = Math.min(ESPERA_INICIAL_MS * FACTOR_ESPERA ** (intento - 1), ESPERA_MAXIMA_MS);
  return Math.round(esperaMs * (1 + VARIACION_ESPERA * (2 * azar - 1)));
}
