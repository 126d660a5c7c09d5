/** What who calls the API from the command line is configured by. */
import { puerto, seccion, texto } from '../../shared/nucleo/variables.ts';

/** Who calls the API from the command line: `npm run emitir`. */
export const CLIENTE = seccion({
  PORT: puerto(8080),
  OIDC_PORT: puerto(8091),
  PKI_TRUST_ANCHORS: texto.optional(),
  /** Token of another issuer than the one for development. */
  EMITIR_TOKEN: texto.optional(),
});
