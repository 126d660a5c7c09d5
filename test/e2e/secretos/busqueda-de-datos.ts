/** Looks for texts that must stand nowhere, in every form in which a file or an answer may hold them. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** A text, as it was found: where, and in which form. */
export interface Hallazgo {
  donde: string;
  texto: string;
  forma: string;
}

interface Aguja {
  texto: string;
  forma: string;
  bytes: string;
  /** As its letters stand; else letters of any case. */
  exacta: boolean;
}

export interface Buscador {
  enBytes(donde: string, bytes: Uint8Array): Hallazgo[];
  /** Every file below the folder, but for those that `omitir` names by their path in it. */
  enCarpeta(carpeta: string, omitir?: RegExp): { archivos: number; hallazgos: Hallazgo[] };
}

/** Byte by byte: a string of which each character is one byte. */
const enLatin1 = (texto: string) => Buffer.from(texto).toString('latin1');

export function createBuscador(textos: readonly string[]): Buscador {
  const agujas = textos.flatMap(agujasDe).filter(esLaPrimera);
  const enBytes = (donde: string, bytes: Uint8Array): Hallazgo[] => {
    const pajar = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    const sinCaja = pajar.toLowerCase();
    return agujas
      .filter(({ bytes: aguja, exacta }) => (exacta ? pajar : sinCaja).includes(aguja))
      .map(({ texto, forma }) => ({ donde, texto, forma }));
  };
  return {
    enBytes,
    enCarpeta(carpeta, omitir) {
      const archivos = readdirSync(carpeta, { recursive: true, encoding: 'utf8' })
        .filter((ruta) => !omitir?.test(ruta))
        .map((ruta) => join(carpeta, ruta))
        .filter((ruta) => statSync(ruta, { throwIfNoEntry: false })?.isFile());
      return {
        archivos: archivos.length,
        hallazgos: archivos.flatMap((ruta) => enBytes(relative(carpeta, ruta), leerSiEsta(ruta))),
      };
    },
  };
}

/** A server that runs removes files: what is gone holds nothing. */
function leerSiEsta(ruta: string): Uint8Array {
  try {
    return readFileSync(ruta);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

/** Two forms of one text may be the same bytes. */
function esLaPrimera(aguja: Aguja, indice: number, todas: Aguja[]): boolean {
  return todas.findIndex(({ bytes, exacta }) => bytes === aguja.bytes && exacta === aguja.exacta) === indice;
}

/** Each text as it is written, in capitals and in small letters, since a certificate and a log may change that. */
function agujasDe(texto: string): Aguja[] {
  const cajas = [...new Set([texto, texto.toUpperCase(), texto.toLowerCase()])];
  const sueltas = (forma: string, escribir: (caja: string) => string): Aguja[] =>
    cajas.map((caja) => ({ texto, forma, bytes: enLatin1(escribir(caja)).toLowerCase(), exacta: false }));
  return [
    ...sueltas('UTF-8', (caja) => caja),
    ...sueltas('JSON', (caja) =>
      caja.replace(/[^ -~]/gu, (letra) =>
        Array.from(
          { length: letra.length },
          (_, i) => String.raw`\u${letra.charCodeAt(i).toString(16).padStart(4, '0')}`,
        ).join(''),
      ),
    ),
    ...sueltas('URL', (caja) => encodeURIComponent(caja)),
    ...sueltas('hex', (caja) => Buffer.from(caja).toString('hex')),
    ...cajas.flatMap((caja) =>
      [0, 1, 2].flatMap((corrida) =>
        (['base64', 'base64url'] as const).map((forma) => ({
          texto,
          forma,
          bytes: enBase64(caja, corrida, forma),
          exacta: true,
        })),
      ),
    ),
  ];
}

/**
 * The characters that are the text's alone, where it stands inside something larger that is encoded.
 * @param corrida bytes before it, modulo 3
 */
function enBase64(texto: string, corrida: number, forma: 'base64' | 'base64url'): string {
  const bytes = Buffer.concat([Buffer.alloc(corrida), Buffer.from(texto)]);
  const primera = Math.ceil((corrida * 8) / 6);
  return bytes.toString(forma).slice(primera, Math.floor((bytes.length * 8) / 6));
}
