/** What the issuance is configured by. docs/configuration.md says more of each. */
import {
  booleano,
  entero,
  milisegundos,
  numero,
  seccion,
  texto,
  unoDe,
  urlHttp,
} from '../nucleo/variables.ts';

const adaptador = {
  NODE_ENV: unoDe(['production', 'development', 'test']).default('development'),
  /** Whether the adapter keeps the promises of docs/adapter.md. No default in production. */
  PKI_ADAPTER_IDEMPOTENTE: booleano.optional(),
};

/** What decides whether the adapter may be asked again: read by the API, which accepts, and by the worker, which runs. */
export const ADAPTADOR = seccion(adaptador, (objeto) =>
  objeto
    .refine(
      ({ NODE_ENV, PKI_ADAPTER_IDEMPOTENTE }) =>
        NODE_ENV !== 'production' || PKI_ADAPTER_IDEMPOTENTE !== undefined,
      {
        path: ['PKI_ADAPTER_IDEMPOTENTE'],
        message:
          'must be true or false in production: whether the adapter repeats the answer of a key (docs/configuration.md)',
      },
    )
    .transform(({ PKI_ADAPTER_IDEMPOTENTE = true }) => ({ PKI_ADAPTER_IDEMPOTENTE })),
);

const aceptacion = {
  ESPERA_SINCRONA_MS: milisegundos(25_000),
  /** Requests that wait for an issuance at once in one process; beyond them the API sheds load. */
  ESPERAS_SIMULTANEAS_MAX: entero(200),
  /** Issuances under way at once, in the whole system; beyond them the API accepts none. What the register can hold. */
  EMISIONES_ABIERTAS_MAX: entero(50_000),
  /**
   * Where it is given, a request whose certificates would outlive every issuing authority of this file is refused
   * (docs/rules.md).
   */
  PKI_TRUST_ANCHORS: texto.optional(),
  /** Document kinds accepted and their form: "KIND:regexp,KIND:regexp". */
  DOCUMENTOS_ADMITIDOS: texto.default('DNI:[0-9]{8}'),
};

/** For the API: which requests are accepted, how long a client may wait for one, and how many may wait at once. */
export const ACEPTACION = seccion(aceptacion);

/** Alone, for the checks of their values, which are more than a variable's form tells. */
export const REGLAS = seccion({
  DOCUMENTOS_ADMITIDOS: aceptacion.DOCUMENTOS_ADMITIDOS,
  PKI_TRUST_ANCHORS: aceptacion.PKI_TRUST_ANCHORS,
});

const ejecucion = {
  PKI_ADAPTER_URL: urlHttp,
  PKI_ADAPTER_TOKEN: texto.optional(),
  PKI_TRUST_ANCHORS: texto,
  PKI_TIMEOUT_MS: milisegundos(10_000),
  /** Calls of each step in a second, over all workers: at this rate comes back what an outage held. */
  PKI_LLAMADAS_POR_SEGUNDO: entero(100),
  VENTANA_REINTENTO_MS: milisegundos(900_000),
  /** Days after the end of an issuance: then its request goes, and only what the record needs stays. 0: never. */
  RETENCION_DIAS: numero(0, Infinity, false).default(90),
  /** Days in which a failed issuance may run again; where longer than RETENCION_DIAS, its request stays so long. */
  VENTANA_REEJECUCION_DIAS: numero(0, Infinity, false).default(180),
  /** JSON file that replaces the certificate profile of docs/certificates.md. */
  PERFIL_CERTIFICADOS: texto.optional(),
  /** How often the register is compared with Temporal. Temporal's Schedules count whole seconds. */
  CONCILIACION_CADA_MS: numero(1000).default(300_000),
};

/** For the worker: how the PKI is asked, what its certificates must be, and what is done by the clock. */
export const EJECUCION = seccion(ejecucion);

/** Alone, for the checks of their values, which are more than a variable's form tells. */
export const ANCLAS = seccion({ PKI_TRUST_ANCHORS: ejecucion.PKI_TRUST_ANCHORS });
export const PERFIL = seccion({ PERFIL_CERTIFICADOS: ejecucion.PERFIL_CERTIFICADOS });
