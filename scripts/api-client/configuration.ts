/** The configuration of the commands that call the API. */
import { puerto, seccion, texto, urlHttp } from '../../shared/nucleo/variables.ts';

export const API_CLIENT = seccion({
  PORT: puerto(8080),
  OIDC_PORT: puerto(8091),
  /** Of another machine; absent: HOST and PORT. */
  API_URL: urlHttp.optional(),
  PKI_TRUST_ANCHORS: texto.optional(),
  /** Token of another issuer than the one for development. */
  EMITIR_TOKEN: texto.optional(),
});
