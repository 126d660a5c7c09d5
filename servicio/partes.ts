/** All parts, in the order in which one process starts them: the worker first, which does what the API's clients ask for. */
import { COMUNES } from './configuracion.ts';
import { PARTE_API } from './parte-api.ts';
import { PARTE_CODEC } from './parte-codec.ts';
import { PARTE_WORKER } from './parte-worker.ts';

export const TODAS_LAS_PARTES = [PARTE_WORKER, PARTE_API, PARTE_CODEC] as const;

/** All that a process of them all reads. */
export const SECCIONES = [
  ...Object.values(COMUNES),
  ...TODAS_LAS_PARTES.flatMap(({ secciones }) => secciones),
];
