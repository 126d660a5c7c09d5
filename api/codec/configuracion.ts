/** What the codec server is configured by, beside what every HTTP server of the service is. */
import { puerto, seccion, texto, urlHttp } from '../../shared/nucleo/variables.ts';

export const CODEC = seccion({
  CODEC_PORT: puerto(8092),
  /** As browsers reach it, where that is not HOST and CODEC_PORT. */
  CODEC_URL: urlHttp.optional(),
  /** Origin of Temporal's UI, whose pages may call it. Absent: none may; the command line needs none. */
  CODEC_ORIGEN_UI: urlHttp.optional(),
  /** Its name at the OpenID issuer; without a secret it proves itself by PKCE alone. */
  CODEC_CLIENT_ID: texto.default('codec'),
  CODEC_CLIENT_SECRET: texto.optional(),
});
