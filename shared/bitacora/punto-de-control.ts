/** Checkpoints (c2sp.org/tlog-checkpoint): origin, size and root of a tree, as the text of a signed note. */
import type { Resumen } from './arbol.ts';
import { partirNota } from './nota.ts';

export interface PuntoDeControl {
  /** `<name of the key>/<epoch>`: a restored register goes on in a tree of its own. */
  origen: string;
  tamano: number;
  raiz: Resumen;
}

export function origenDe(nombre: string, epoca: number): string {
  return `${nombre}/${epoca}`;
}

export function textoDePunto({ origen, tamano, raiz }: PuntoDeControl): string {
  return `${origen}\n${tamano}\n${raiz.toString('base64')}\n`;
}

/** Reads the text of a note; who signed it is for its reader to verify. @throws Error where it is no checkpoint */
export function leerPunto(nota: string): PuntoDeControl {
  const { texto } = partirNota(nota);
  const [origen = '', tamano = '', raiz = '', ...resto] = texto.split('\n');
  const punto = { origen, tamano: Number(tamano), raiz: Buffer.from(raiz, 'base64') };
  if (resto.length !== 1 || punto.raiz.length !== 32 || textoDePunto(punto) !== texto)
    throw new Error('not a checkpoint of this log');
  return punto;
}
