/**
 * Judges the leaves between two checkpoints. They are known three ways: from the entries, from the tree as it is stored,
 * and by the root that was signed; where the three differ, the root says which of the others was changed.
 */
import { ArbolQueCrece, esIgual, type Nodo, type Resumen } from './arbol.ts';

export interface Tramo {
  /** Size of the tree before it. */
  desde: number;
  /** The tree's right edge there; null where it is lost. */
  borde: readonly Resumen[] | null;
  /** Hash of each entry's leaf; null where the entry is not there. */
  deEntradas: readonly (Resumen | null)[];
  /** The same from the stored tree. */
  guardadas: readonly (Resumen | null)[];
  /** Signed root of the tree with this stretch; null where none can be believed. */
  raiz: Resumen | null;
}

/** What became of an entry. */
export type Alteracion = 'ALTERADA' | 'BORRADA' | 'INSERTADA' | 'MOVIDA';

export interface Juicio {
  /** By place, from the tree's start. */
  alteradas: Map<number, Alteracion>;
  /** The tree after the stretch and the subtrees that it completes; null where no reading leads to the signed root. */
  arbol: ArbolQueCrece | null;
  nodos: (Nodo & { resumen: Resumen })[];
}

export function juzgarTramo({ desde, borde, deEntradas, guardadas, raiz }: Tramo): Juicio {
  const sinMas = { alteradas: alteradasDe(desde, deEntradas, guardadas), arbol: null, nodos: [] };
  // Without a signed root there is only what is stored: the tree goes on only where both readings agree.
  if (!borde || (!raiz && sinMas.alteradas.size > 0)) return sinMas;
  const lecturas = [
    deEntradas.map((hoja, i) => hoja ?? guardadas[i]),
    guardadas.map((hoja, i) => hoja ?? deEntradas[i]),
  ];
  for (const hojas of lecturas) {
    const arbol = new ArbolQueCrece(desde, borde);
    const nodos = hojas.flatMap((hoja) => (hoja ? arbol.agregar(hoja) : []));
    if (arbol.tamano === desde + hojas.length && (!raiz || esIgual(arbol.raiz, raiz)))
      return { alteradas: alteradasDe(desde, deEntradas, hojas), arbol, nodos };
  }
  return sinMas;
}

function alteradasDe(
  desde: number,
  deEntradas: readonly (Resumen | null)[],
  firmadas: readonly (Resumen | null | undefined)[],
): Map<number, Alteracion> {
  const clave = (hoja: Resumen | null | undefined) => hoja?.toString('hex') ?? '';
  const presentes = new Set(deEntradas.map(clave));
  const debidas = new Set(firmadas.map(clave));
  const alteradas = new Map<number, Alteracion>();
  for (const [i, hoja] of deEntradas.entries()) {
    const debida = firmadas[i];
    if (clave(hoja) === clave(debida) && hoja) continue;
    if (!hoja) alteradas.set(desde + i, 'BORRADA');
    else if (debidas.has(clave(hoja))) alteradas.set(desde + i, 'MOVIDA');
    else alteradas.set(desde + i, debida && presentes.has(clave(debida)) ? 'INSERTADA' : 'ALTERADA');
  }
  return alteradas;
}
