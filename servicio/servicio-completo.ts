/** The one process of `npm start`: API and worker over one register, until SIGTERM or SIGINT. */
import { ejecutarProceso } from '../shared/runtime/lifecycle.ts';
import { createLogger } from '../shared/runtime/logger.ts';
import { componer } from './componer.ts';
import { TODAS_LAS_PARTES } from './partes.ts';

const logger = createLogger('servicio');
await ejecutarProceso(logger, () => componer(TODAS_LAS_PARTES, logger));
