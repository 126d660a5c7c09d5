/** The domains whose routes the API serves: one entry each, in the order of the OpenAPI document. */
import { BITACORA } from './bitacora/dominio.ts';
import type { DefinicionDelApi } from './dominio.ts';
import { EMISION } from './emision/dominio.ts';

export const DOMINIOS: readonly DefinicionDelApi[] = [EMISION, BITACORA];
