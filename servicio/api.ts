/** `npm run api`: the API alone, on a given Temporal and PostgreSQL, until SIGTERM or SIGINT. */
import { ejecutarProceso } from '../shared/runtime/lifecycle.ts';
import { createLogger } from '../shared/runtime/logger.ts';
import { componer } from './componer.ts';
import { PARTE_API } from './parte-api.ts';

const logger = createLogger('api');
await ejecutarProceso(logger, () => componer([PARTE_API], logger));
