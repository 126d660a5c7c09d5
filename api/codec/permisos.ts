/** Scopes of who reads, through the codec server, what Temporal keeps sealed. */
import type { Permiso } from '../http/acceso/token.ts';

/** Reads it with every personal datum hidden. */
export const DESCIFRAR: Permiso = 'certificados:descifrar';
/** And those, too. */
export const DATOS_PERSONALES: Permiso = 'certificados:datos-personales';
