/** What the audit log is configured by. Its key signs checkpoints and nothing else. */
import { seccion, texto, urlHttp } from '../nucleo/variables.ts';
import { origenDeSecretos } from '../runtime/secciones.ts';

export const BITACORA = seccion({
  ...origenDeSecretos,
  /** "PRIVATE+KEY+name+hash+key": made by `npm run bitacora -- nueva-clave NAME`. */
  BITACORA_CLAVE_FIRMA: texto.optional(),
  /** Public keys with which earlier checkpoints were signed, by commas. */
  BITACORA_CLAVES_ANTERIORES: texto.optional(),
  /** File that holds the newest checkpoint, on another disk than the database. */
  BITACORA_TESTIGO_ARCHIVO: texto.optional(),
  /** Submission prefix of a witness of c2sp.org/tlog-witness, and the public key of its signatures. */
  BITACORA_TESTIGO_URL: urlHttp.optional(),
  BITACORA_TESTIGO_CLAVE: texto.optional(),
});
