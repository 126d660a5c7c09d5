/** What `npm start` is configured by, beside what it hands on. */
import { puerto, seccion, texto, urlHttp } from '../../shared/nucleo/variables.ts';

export const START = seccion({
  PORT: puerto(8080),
  TEMPORAL_PORT: puerto(7233),
  TEMPORAL_UI_PORT: puerto(8233),
  SIMULADOR_PORT: puerto(8090),
  OIDC_PORT: puerto(8091),
  CODEC_PORT: puerto(8092),
  CODEC_URL: urlHttp.optional(),
  CODEC_ORIGEN_UI: urlHttp.optional(),
  TEMPORAL_CLI_PATH: texto.optional(),
  PKI_ADAPTER_URL: urlHttp.optional(),
  PKI_TRUST_ANCHORS: texto.optional(),
  OIDC_ISSUER: urlHttp.optional(),
});
