/** A secret that development makes at its first start and keeps in a file that only its owner reads. */
import { randomUUID } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cerrarAOtros } from '../privado.ts';

/** Reads the file, which is first made with what `crear` gives where it is not there. */
export function leerOCrearSecreto(archivo: string, crear: () => string): string {
  mkdirSync(dirname(archivo), { recursive: true, mode: 0o700 });
  // Not the process id: two containers on one folder may share it.
  const propio = `${archivo}.${randomUUID()}`;
  writeFileSync(propio, crear(), { mode: 0o600 });
  try {
    // A link either makes the whole file or fails: of two first starts at once, one makes the secret.
    linkSync(propio, archivo);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    unlinkSync(propio);
  }
  // A file that was copied or restored may have come with wider rights.
  cerrarAOtros(archivo);
  return readFileSync(archivo, 'utf8');
}

/** As leerOCrearSecreto, for whoever only looks whether a process could start: nothing is written. */
export const leerSinCrearSecreto: typeof leerOCrearSecreto = (archivo, crear) =>
  existsSync(archivo) ? readFileSync(archivo, 'utf8') : crear();

/** Whether this folder holds a register of one process: the keys that it was written under are never made anew. */
export function hayRegistroEn(carpeta: string): boolean {
  return existsSync(join(carpeta, 'registro', 'PG_VERSION'));
}
