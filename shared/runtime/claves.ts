/** Where the keys come from: the environment; in development, a file made at the first start. */
import { randomBytes, randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ConfiguracionInvalida } from './config.ts';
import { createCifrado, createHuella, type Cifrado, type Huella } from './cifrado.ts';

export interface Claves {
  cifrado: Cifrado;
  huella: Huella;
}

interface OrigenDeClaves {
  NODE_ENV: string;
  DATA_DIR: string;
  CLAVES_CIFRADO?: string | undefined;
  CLAVE_HUELLA?: string | undefined;
}

const archivoDeClaves = z.object({ CLAVES_CIFRADO: z.string(), CLAVE_HUELLA: z.string() });

/**
 * @throws ConfiguracionInvalida in production without keys: data under a key made here would be lost with its disk
 */
export function abrirClaves(origen: OrigenDeClaves): Claves {
  const { CLAVES_CIFRADO, CLAVE_HUELLA } = origen;
  if (CLAVES_CIFRADO && CLAVE_HUELLA)
    return { cifrado: createCifrado(CLAVES_CIFRADO), huella: createHuella(CLAVE_HUELLA) };
  if (origen.NODE_ENV === 'production' || CLAVES_CIFRADO || CLAVE_HUELLA)
    throw new ConfiguracionInvalida(
      [
        CLAVES_CIFRADO
          ? ''
          : 'CLAVES_CIFRADO: is missing ("id:" and the output of: openssl rand -base64 32). Without it nothing can be encrypted',
        CLAVE_HUELLA ? '' : 'CLAVE_HUELLA: is missing (the output of: openssl rand -base64 32)',
      ].filter((falta) => falta !== ''),
    );
  const guardadas = leerOCrear(origen.DATA_DIR);
  return { cifrado: createCifrado(guardadas.CLAVES_CIFRADO), huella: createHuella(guardadas.CLAVE_HUELLA) };
}

function leerOCrear(carpeta: string): z.infer<typeof archivoDeClaves> {
  const archivo = join(carpeta, 'claves.json');
  mkdirSync(carpeta, { recursive: true });
  // Not the process id: two containers on one folder may share it.
  const propio = `${archivo}.${randomUUID()}`;
  const nuevas = {
    CLAVES_CIFRADO: `desarrollo-1:${randomBytes(32).toString('base64')}`,
    CLAVE_HUELLA: randomBytes(32).toString('base64'),
  };
  writeFileSync(propio, JSON.stringify(nuevas, null, 2), { mode: 0o600 });
  try {
    // A link either makes the whole file or fails: of two first starts at once, one makes the keys.
    linkSync(propio, archivo);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    unlinkSync(propio);
  }
  return archivoDeClaves.parse(JSON.parse(readFileSync(archivo, 'utf8')));
}
