/** The configuration of the commands that give their order to Temporal. */
import type { Configuracion } from '../../shared/runtime/config.ts';
import { puerto, seccion, texto } from '../../shared/nucleo/variables.ts';

/** Which Temporal a command gives its order to: by default that of `npm start`. */
export const TARGET = seccion({
  TEMPORAL_ADDRESS: texto.optional(),
  TEMPORAL_NAMESPACE: texto.default('default'),
  TEMPORAL_PORT: puerto(7233),
});

export type Target = Configuracion<{ destino: typeof TARGET }>['destino'];
