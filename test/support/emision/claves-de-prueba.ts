/** Keys that are no secret: what tests keep in the repository is encrypted under them. */
import { createCifrado, createHuella } from '../../../shared/runtime/claves/cifrado.ts';
import type { Claves } from '../../../shared/runtime/claves/claves.ts';

export const CLAVES_DE_PRUEBA: Claves = {
  cifrado: createCifrado(`prueba:${Buffer.alloc(32, 'clave de prueba').toString('base64')}`),
  huella: createHuella(Buffer.alloc(32, 'huella de prueba').toString('base64')),
};
