/** What the development issuer is configured by. */
import { puerto, seccion, texto, urlHttp } from '../../shared/nucleo/variables.ts';

export const ISSUER = seccion({
  OIDC_PORT: puerto(8091),
  /** The issuer's own name, where clients reach it by another address than HOST and OIDC_PORT. */
  OIDC_ISSUER: urlHttp.optional(),
  /** Where browsers reach the codec server, whose people sign in here. */
  CODEC_URL: urlHttp.optional(),
  OIDC_AUDIENCE: texto.default('MsCoreogCertificadosDigitales'),
});
