/** A proof that needs nothing but the leaf and the log's key to be checked (c2sp.org/tlog-proof). */
import type { Resumen } from './arbol.ts';

const ENCABEZADO = 'c2sp.org/tlog-proof@v1';

export interface Prueba {
  indice: number;
  /** Hashes from the leaf's sibling up to the root's child. */
  camino: Resumen[];
  /** The signed checkpoint that it leads to. */
  nota: string;
}

export function textoDePrueba({ indice, camino, nota }: Prueba): string {
  const lineas = camino.map((resumen) => `${resumen.toString('base64')}\n`).join('');
  return `${ENCABEZADO}\nindex ${indice}\n${lineas}\n${nota}`;
}

/** @throws Error where it is no such text */
export function leerPrueba(texto: string): Prueba {
  const corte = texto.indexOf('\n\n');
  const [encabezado, indice = '', ...camino] = texto.slice(0, corte).split('\n');
  const [, numero] = /^index (0|[1-9]\d{0,14})$/.exec(indice) ?? [];
  if (corte < 0 || encabezado !== ENCABEZADO || numero === undefined)
    throw new Error(`not a proof of ${ENCABEZADO}`);
  return {
    indice: Number(numero),
    camino: camino.map((linea) => Buffer.from(linea, 'base64')),
    nota: texto.slice(corte + 2),
  };
}
