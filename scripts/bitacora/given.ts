/** Reads what the options of `npm run bitacora` name; why it cannot be used is told with the option's name. */
import { readFile } from 'node:fs/promises';
import { leerClavePublica, type Verificador } from '../../shared/bitacora/punto-de-control/nota.ts';

export function publicKeyIn(value: string): Verificador {
  try {
    return leerClavePublica(value);
  } catch (cause) {
    throw new Error(
      '--clave: no es la clave pública de una bitácora ("nombre+hash+clave"); la imprime npm run bitacora -- clave',
      { cause },
    );
  }
}

/** @param name of the option or argument that gives the path */
export async function fileIn(name: string, path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Error(
      `${name}: no se puede leer ${path} (${(cause as NodeJS.ErrnoException).code ?? 'error'})`,
      {
        cause,
      },
    );
  });
}
