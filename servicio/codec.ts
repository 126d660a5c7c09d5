/** `npm run codec`: the codec server alone, on a given Temporal and PostgreSQL, until SIGTERM or SIGINT. */
import { ejecutarProceso } from '../shared/runtime/lifecycle.ts';
import { createLogger } from '../shared/runtime/logger.ts';
import { componer } from './componer.ts';
import { PARTE_CODEC } from './parte-codec.ts';

const logger = createLogger('codec');
await ejecutarProceso(logger, () => componer([PARTE_CODEC], logger));
