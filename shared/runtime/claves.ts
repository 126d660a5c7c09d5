/** Where the keys come from: the environment; in development, a file made at the first start. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { leerOCrearSecreto } from './archivo-secreto.ts';
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
  const guardadas = leerOCrearSecreto(join(carpeta, 'claves.json'), () => {
    const nuevas = {
      CLAVES_CIFRADO: `desarrollo-1:${randomBytes(32).toString('base64')}`,
      CLAVE_HUELLA: randomBytes(32).toString('base64'),
    };
    return JSON.stringify(nuevas, null, 2);
  });
  return archivoDeClaves.parse(JSON.parse(guardadas));
}
