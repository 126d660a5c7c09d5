/** What `npm run topology` is configured by: the ports that it publishes, and where programs are. */
import { puerto, seccion, texto } from '../../shared/nucleo/variables.ts';

export const TOPOLOGY = seccion({
  PORT: puerto(8080),
  TEMPORAL_UI_PORT: puerto(8233),
  SIMULADOR_PORT: puerto(8090),
  OIDC_PORT: puerto(8091),
  CODEC_PORT: puerto(8092),
  WORKER_PORT: puerto(8081),
  TEMPORAL_CLI_PATH: texto.optional(),
  TEMPORAL_SERVER_BIN: texto.optional(),
});
