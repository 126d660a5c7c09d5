/** Both parts, in the order in which one process starts them: the worker first, which does what the API's clients ask for. */
import { COMUNES } from './configuracion.ts';
import { PARTE_API } from './parte-api.ts';
import { PARTE_WORKER } from './parte-worker.ts';

export const AMBAS_PARTES = [PARTE_WORKER, PARTE_API] as const;

/** All that a process of both reads. */
export const SECCIONES = [...Object.values(COMUNES), ...AMBAS_PARTES.flatMap(({ secciones }) => secciones)];
