/** The variables that are no domain's. docs/configuration.md lists all. */
import { booleano, numero, seccion, texto, unoDe, urlDePostgres, urlHttp } from '../nucleo/variables.ts';

const comun = {
  NODE_ENV: unoDe(['production', 'development', 'test']).default('development'),
  HOST: texto.default('127.0.0.1'),
  DATA_DIR: texto.default('./.data'),
  LOG_LEVEL: unoDe(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  /** PostgreSQL of the register. Where it is given, others share the data: no key is made at start. */
  DATABASE_URL: urlDePostgres.optional(),
};

export const COMUN = seccion(comun);

/** For whoever needs the register, or its folder, and nothing else. */
export const BASE_DE_DATOS = seccion({ DATABASE_URL: comun.DATABASE_URL });
export const CARPETA_DE_DATOS = seccion({ DATA_DIR: comun.DATA_DIR });

/**
 * What decides whether a missing secret may be made, and where. Their form is not checked here: COMUN, which
 * every process also reads, does that.
 */
export const origenDeSecretos = {
  NODE_ENV: texto.default('development'),
  DATA_DIR: comun.DATA_DIR,
  DATABASE_URL: texto.optional(),
};

/** Keys that protect what is at rest. Base64, 32 bytes each. */
export const CLAVES = seccion({
  ...origenDeSecretos,
  /** "id:base64,id:base64": the first encrypts, all decrypt (rotation). */
  CLAVES_CIFRADO: texto.optional(),
  /** HMAC key of citizens' documents and requests; not part of the ring: changing it would lose every lock. */
  CLAVE_HUELLA: texto.optional(),
});

/** TLS and API key of Temporal are the SDK's own variables. */
export const TEMPORAL = seccion({
  TEMPORAL_ADDRESS: texto.optional(),
  TEMPORAL_NAMESPACE: texto.default('default'),
});

/** OpenTelemetry's own names and values. Its exporter reads others of them by itself (headers, time-outs, certificates). */
export const TRAZAS = seccion({
  OTEL_EXPORTER_OTLP_ENDPOINT: urlHttp.optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: urlHttp.optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: unoDe(['http/protobuf']).default('http/protobuf'),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: unoDe(['http/protobuf']).default('http/protobuf'),
  OTEL_TRACES_EXPORTER: unoDe(['otlp', 'none']).default('otlp'),
  OTEL_SDK_DISABLED: booleano.default(false),
  OTEL_TRACES_SAMPLER: unoDe([
    'always_on',
    'always_off',
    'traceidratio',
    'parentbased_always_on',
    'parentbased_always_off',
    'parentbased_traceidratio',
  ]).default('parentbased_always_on'),
  /** Share of the traces that traceidratio takes. */
  OTEL_TRACES_SAMPLER_ARG: numero(0, 1, false).default(1),
});
