/**
 * Checkpoints (c2sp.org/tlog-checkpoint): origin, size and root of a tree, as the text of a signed note. An extension line
 * names the checkpoint before it by its hash, so that one that is missing shows.
 */
import { createHash } from 'node:crypto';
import { RAIZ_VACIA, type Resumen } from '../arbol/arbol.ts';
import { partirNota } from './nota.ts';

export interface PuntoDeControl {
  /** `<name of the key>/<epoch>`: a restored register goes on in a tree of its own. */
  origen: string;
  tamano: number;
  raiz: Resumen;
  /** Hash of the note before it; absent in those that a version without it signed. */
  anterior?: Resumen;
}

const ENLACE = 'anterior ';

export function origenDe(nombre: string, epoca: number): string {
  return `${nombre}/${epoca}`;
}

export function textoDePunto({ origen, tamano, raiz, anterior }: PuntoDeControl): string {
  const enlace = anterior ? `${ENLACE}${anterior.toString('base64')}\n` : '';
  return `${origen}\n${tamano}\n${raiz.toString('base64')}\n${enlace}`;
}

/** What the next checkpoint says of this one; null: it is the first of all. */
export function enlaceCon(nota: string | null): Resumen {
  return nota === null ? RAIZ_VACIA : createHash('sha256').update(nota).digest();
}

/** Reads the text of a note; who signed it is for its reader to verify. @throws Error where it is no checkpoint */
export function leerPuntoDeControl(nota: string): PuntoDeControl {
  const { texto } = partirNota(nota);
  const [origen = '', tamano = '', raiz = '', enlace = ''] = texto.split('\n');
  const punto: PuntoDeControl = { origen, tamano: Number(tamano), raiz: Buffer.from(raiz, 'base64') };
  if (enlace.startsWith(ENLACE)) punto.anterior = Buffer.from(enlace.slice(ENLACE.length), 'base64');
  const estaEntero = punto.raiz.length === 32 && (punto.anterior?.length ?? 32) === 32;
  if (!estaEntero || textoDePunto(punto) !== texto) throw new Error('not a checkpoint of this log');
  return punto;
}
