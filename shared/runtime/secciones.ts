/** The variables that are no domain's. docs/configuration.md lists all. */
import { seccion, texto, unoDe, urlDePostgres } from '../nucleo/variables.ts';

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
