/** Where the keys come from: the environment; on one machine without any, a file made at the first start. */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { hayRegistroEn, leerOCrearSecreto, leerSinCrearSecreto } from './archivo-secreto.ts';
import { ConfiguracionInvalida, leerConfiguracion, type Entorno } from '../config.ts';
import { CLAVES } from '../secciones.ts';
import { createCifrado, createHuella, leerAnillo, leerClave, type Cifrado, type Huella } from './cifrado.ts';

export interface Claves {
  cifrado: Cifrado;
  huella: Huella;
}

interface OrigenDeClaves {
  NODE_ENV: string;
  DATA_DIR: string;
  DATABASE_URL?: string | undefined;
  CLAVES_CIFRADO?: string | undefined;
  CLAVE_HUELLA?: string | undefined;
}

type Textos = Record<'CLAVES_CIFRADO' | 'CLAVE_HUELLA', string>;

const archivoDeClaves = z.object({ CLAVES_CIFRADO: z.string(), CLAVE_HUELLA: z.string() });

/**
 * SHA-256 of keys that this project's files once printed, so that anybody may have them. The last two are the audit
 * log's.
 */
const PUBLICADAS: readonly string[] = [
  'f2277e239572c7e0e744642799a8eb60d0649d1a698b798f32165e94a8efdfb9',
  '12269828a353aa98025a0e3558087660383948ee0bc30fa249ae2f24e91972bf',
  '64de39ee9bf0b2e0a72d7e0cc19ad2b3805ae72ea813313ffafdbcb5d6aceffe',
  '49a8babff735a5ecf976211e1682879897e61d7aecb2dcf60fdc1dc07bd9d666',
];

const PUBLICADA = 'was printed in deploy/.env.example and protects nothing: make another one';

/** Whether these bytes are a key, or the public half of one, that this project once printed. */
function estaPublicada(clave: Uint8Array): boolean {
  return PUBLICADAS.includes(createHash('sha256').update(clave).digest('hex'));
}

/**
 * @throws ConfiguracionInvalida also without keys in production or with DATABASE_URL: data under a key made here would be
 * lost with its disk, and another process would not have it
 */
export function abrirClaves(origen: OrigenDeClaves, leerSecreto = leerOCrearSecreto): Claves {
  const { CLAVES_CIFRADO, CLAVE_HUELLA } = textosDe(origen, leerSecreto);
  return { cifrado: createCifrado(CLAVES_CIFRADO), huella: createHuella(CLAVE_HUELLA) };
}

/** Finds the faults that abrirClaves would find, and makes nothing. @throws ConfiguracionInvalida */
export function revisarClaves(entorno?: Entorno): void {
  abrirClaves(leerConfiguracion({ claves: CLAVES }, entorno).claves, leerSinCrearSecreto);
}

/** @throws ConfiguracionInvalida where it is one that was printed. @param clavePublica "name+hash+key" */
export function exigirFirmaPropia(clavePublica: string): void {
  const [, , base64 = ''] = /^([^+]+)\+[0-9a-f]{8}\+(.+)$/.exec(clavePublica) ?? [];
  if (estaPublicada(Buffer.from(base64, 'base64').subarray(1)))
    throw new ConfiguracionInvalida([
      `BITACORA_CLAVE_FIRMA: ${PUBLICADA} (npm run -s bitacora -- nueva-clave NAME)`,
    ]);
}

function textosDe(origen: OrigenDeClaves, leerSecreto: typeof leerOCrearSecreto): Textos {
  const { NODE_ENV, DATA_DIR, DATABASE_URL, CLAVES_CIFRADO, CLAVE_HUELLA } = origen;
  const deArchivo = NODE_ENV !== 'production' && !DATABASE_URL;
  if (!CLAVES_CIFRADO && !CLAVE_HUELLA && deArchivo) {
    const guardadas = leerOCrear(DATA_DIR, leerSecreto);
    exigir(faltasDe(guardadas));
    return guardadas;
  }
  const faltas = faltasDe({ CLAVES_CIFRADO, CLAVE_HUELLA });
  const comoSon = deArchivo ? comoSonLasDe(DATA_DIR) : '';
  if (!CLAVES_CIFRADO)
    faltas.push(
      `CLAVES_CIFRADO: is missing${comoSon || `. Without it nothing can be encrypted: give this register's; of a new one, "id:" and ${NUEVA}`}`,
    );
  if (!CLAVE_HUELLA)
    faltas.push(`CLAVE_HUELLA: is missing${comoSon || `: give this register's; of a new one, ${NUEVA}`}`);
  exigir(faltas);
  return { CLAVES_CIFRADO, CLAVE_HUELLA } as Textos;
}

const NUEVA = 'the output of: openssl rand -base64 32';

function exigir(faltas: string[]): void {
  if (faltas.length > 0) throw new ConfiguracionInvalida(faltas);
}

/** What to say where only one of the two is given and this folder already has its keys, which a new one would not be. */
function comoSonLasDe(carpeta: string): string {
  const archivo = archivoDe(carpeta);
  if (existsSync(archivo))
    return `, and ${archivo} holds the pair: give both variables, as they are there, or none`;
  return hayRegistroEn(carpeta)
    ? ', and the register in DATA_DIR was written under one: give both variables as they were'
    : '';
}

function archivoDe(carpeta: string): string {
  return join(carpeta, 'claves.json');
}

function leerOCrear(carpeta: string, leerSecreto: typeof leerOCrearSecreto): Textos {
  const archivo = archivoDe(carpeta);
  // The file is made before the register: new keys would open nothing of it, and hide that the old ones are gone.
  if (!existsSync(archivo) && hayRegistroEn(carpeta))
    throw new ConfiguracionInvalida([
      `CLAVES_CIFRADO, CLAVE_HUELLA: ${archivo} is missing, and the register beside it was written under its keys. Put the file back from a copy of DATA_DIR, or give both variables as they were`,
    ]);
  const guardadas = leerSecreto(archivo, () => {
    const nuevas = {
      CLAVES_CIFRADO: `desarrollo-1:${randomBytes(32).toString('base64')}`,
      CLAVE_HUELLA: randomBytes(32).toString('base64'),
    };
    return JSON.stringify(nuevas, null, 2);
  });
  try {
    return archivoDeClaves.parse(JSON.parse(guardadas));
  } catch {
    // The words of a parser quote what it read.
    throw new ConfiguracionInvalida([
      `CLAVES_CIFRADO, CLAVE_HUELLA: ${archivo} is not JSON with both of them as text. Mend it, or put it back from a copy of DATA_DIR`,
    ]);
  }
}

/** What is wrong with the keys, by their variables; never their values. */
function faltasDe({
  CLAVES_CIFRADO,
  CLAVE_HUELLA,
}: Partial<Record<keyof Textos, string | undefined>>): string[] {
  const faltas: string[] = [];
  const leer = <T>(lectura: () => T): T | null => {
    try {
      return lectura();
    } catch (error) {
      faltas.push((error as Error).message);
      return null;
    }
  };
  const anillo = CLAVES_CIFRADO ? leer(() => leerAnillo(CLAVES_CIFRADO)) : null;
  if (CLAVE_HUELLA) leer(() => createHuella(CLAVE_HUELLA));
  const deHuella = leerClave(CLAVE_HUELLA ?? '');
  if (deHuella) faltas.push(...debilidadesDe(deHuella).map((falta) => `CLAVE_HUELLA: ${falta}`));
  const ids = new Map<string, string>();
  for (const [id, clave] of anillo ?? []) {
    const falta = (que: string) => faltas.push(`CLAVES_CIFRADO: the key "${id}" ${que}`);
    debilidadesDe(clave).forEach(falta);
    if (deHuella?.equals(clave)) falta('is also CLAVE_HUELLA: each needs a key of its own');
    const otro = ids.get(clave.toString('hex'));
    if (otro !== undefined) falta(`is the same as "${otro}": a new id needs a new key`);
    ids.set(clave.toString('hex'), id);
  }
  return faltas;
}

function debilidadesDe(clave: Buffer): string[] {
  return [
    ...(clave.every((byte) => byte === 0) ? ['is nothing but zeros'] : []),
    ...(estaPublicada(clave) ? [`${PUBLICADA} (openssl rand -base64 32)`] : []),
  ];
}
