/** What this service writes belongs to its user alone. */
import { chmodSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const DE_OTROS = 0o077;

/** For all files and folders that this process and its children make from now on. */
export function escribirSoloParaEsteUsuario(): void {
  process.umask(DE_OTROS);
}

/**
 * Takes from group and others what they may do with a file, or with a folder and all in it. Links are not followed; what
 * disappears meanwhile is passed over.
 */
export function cerrarAOtros(ruta: string): void {
  try {
    const estado = lstatSync(ruta);
    if (estado.isSymbolicLink()) return;
    if ((estado.mode & DE_OTROS) !== 0) chmodSync(ruta, estado.mode & 0o7700);
    if (estado.isDirectory()) for (const nombre of readdirSync(ruta)) cerrarAOtros(join(ruta, nombre));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
