/** The domains that a worker serves: one entry each. */
import { BITACORA } from './bitacora/dominio.ts';
import type { DefinicionDelWorker } from './dominio.ts';
import { EMISION } from './emision/dominio.ts';
import { MANTENIMIENTO } from './mantenimiento/dominio.ts';

export const DOMINIOS: readonly DefinicionDelWorker[] = [EMISION, MANTENIMIENTO, BITACORA];
