/**
 * The seal of an entry: a keyed hash of its leaf, under a key that the database does not hold, written with the entry.
 * Until the tree holds an entry nothing else tells that the service wrote it: what has no seal is never given a place.
 */
import type { Huella } from '../runtime/claves/cifrado.ts';

export function selloDe(huella: Huella, hoja: Buffer): string {
  return huella('bitacora-entrada', hoja.toString('utf8'));
}

/** AUSENTE: an entry of a version that knew no seals, or of nobody. */
export type Sello = 'BUENO' | 'AUSENTE' | 'FALSO';

export function juzgarSello(huella: Huella, hoja: Buffer, sello: string | null): Sello {
  if (sello === null) return 'AUSENTE';
  return sello === selloDe(huella, hoja) ? 'BUENO' : 'FALSO';
}
