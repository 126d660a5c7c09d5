/** `npm run worker`: the worker alone, on a given Temporal and PostgreSQL, until SIGTERM or SIGINT. */
import { ejecutarProceso } from '../shared/runtime/lifecycle.ts';
import { createLogger } from '../shared/runtime/logger.ts';
import { componer } from './componer.ts';
import { PARTE_WORKER } from './parte-worker.ts';

const logger = createLogger('worker');
await ejecutarProceso(logger, () => componer([PARTE_WORKER], logger));
