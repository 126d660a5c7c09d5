/** What `npm run topology` is configured by, beside the ports of `npm start`. */
import { puerto, seccion, texto } from '../../shared/nucleo/variables.ts';

export const TOPOLOGY = seccion({
  TEMPORAL_SERVER_BIN: texto.optional(),
  WORKER_PORT: puerto(8081),
});
