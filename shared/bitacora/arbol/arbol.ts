/**
 * The arithmetic of a Merkle tree (RFC 6962, section 2.1), on SHA-256. A subtree whose leaves are all there never changes:
 * those are what is stored, and the root of any size and every proof are made of them.
 */
import { createHash, timingSafeEqual } from 'node:crypto';

export type Resumen = Buffer;

/** A complete subtree: `2 ** nivel` leaves from leaf `posicion * 2 ** nivel`. Level 0 holds the leaves' hashes. */
export interface Nodo {
  nivel: number;
  posicion: number;
}

/** Leaves from `desde` up to and without `hasta`. */
export interface Rango {
  desde: number;
  hasta: number;
}

export type LeerNodo = (nodo: Nodo) => Resumen;

const DE_HOJA = Buffer.of(0);
const DE_NODO = Buffer.of(1);
export const RAIZ_VACIA: Resumen = createHash('sha256').digest();

export function resumenDeHoja(hoja: Uint8Array): Resumen {
  return createHash('sha256').update(DE_HOJA).update(hoja).digest();
}

function resumenDeNodo(izquierdo: Resumen, derecho: Resumen): Resumen {
  return createHash('sha256').update(DE_NODO).update(izquierdo).update(derecho).digest();
}

/** The complete subtrees that make up a range of a tree, from left to right, ever smaller. */
export function nodosDe({ desde, hasta }: Rango): Nodo[] {
  const nodos: Nodo[] = [];
  for (let inicio = desde; inicio < hasta;) {
    const nivel = Math.floor(Math.log2(hasta - inicio));
    nodos.push({ nivel, posicion: inicio / 2 ** nivel });
    inicio += 2 ** nivel;
  }
  return nodos;
}

/** Hash of a range that RFC 6962 cuts out of a tree (its start is a multiple of its largest subtree). */
export function resumenDe(rango: Rango, leer: LeerNodo): Resumen {
  const resumenes = nodosDe(rango).map(leer);
  return resumenes.length === 0
    ? RAIZ_VACIA
    : resumenes.reduceRight((derecho, izquierdo) => resumenDeNodo(izquierdo, derecho));
}

/** Inclusion proof of a leaf (2.1.1), as the ranges whose hashes it consists of. */
export function pruebaDeInclusion(indice: number, tamano: number): Rango[] {
  if (indice < 0 || indice >= tamano) throw new RangeError(`leaf ${indice} is not in a tree of ${tamano}`);
  const camino = ({ desde, hasta }: Rango): Rango[] => {
    if (hasta - desde === 1) return [];
    const corte = desde + mayorPotenciaMenorQue(hasta - desde);
    return indice < corte
      ? [...camino({ desde, hasta: corte }), { desde: corte, hasta }]
      : [...camino({ desde: corte, hasta }), { desde, hasta: corte }];
  };
  return camino({ desde: 0, hasta: tamano });
}

/** Consistency proof between two sizes (2.1.2), as the ranges whose hashes it consists of. */
export function pruebaDeConsistencia(anterior: number, tamano: number): Rango[] {
  if (anterior < 0 || anterior > tamano)
    throw new RangeError(`a tree of ${tamano} has no earlier size of ${anterior}`);
  const camino = ({ desde, hasta }: Rango, entera: boolean): Rango[] => {
    if (anterior === hasta) return entera ? [] : [{ desde, hasta }];
    const corte = desde + mayorPotenciaMenorQue(hasta - desde);
    return anterior <= corte
      ? [...camino({ desde, hasta: corte }, entera), { desde: corte, hasta }]
      : [...camino({ desde: corte, hasta }, false), { desde, hasta: corte }];
  };
  return anterior === 0 ? [] : camino({ desde: 0, hasta: tamano }, true);
}

/** The root that an inclusion proof leads to (RFC 9162, 2.1.3.2); null where its length is not that of such a proof. */
export function raizPorInclusion(
  indice: number,
  tamano: number,
  hoja: Resumen,
  prueba: readonly Resumen[],
): Resumen | null {
  if (indice >= tamano) return null;
  let [fn, sn, raiz] = [indice, tamano - 1, hoja];
  for (const hermano of prueba) {
    if (sn === 0) return null;
    if (esImpar(fn) || fn === sn) {
      raiz = resumenDeNodo(hermano, raiz);
      while (!esImpar(fn) && fn !== 0) [fn, sn] = [mitad(fn), mitad(sn)];
    } else raiz = resumenDeNodo(raiz, hermano);
    [fn, sn] = [mitad(fn), mitad(sn)];
  }
  return sn === 0 ? raiz : null;
}

/** Whether the tree of the later size begins with all of the earlier one (RFC 9162, 2.1.4.2). */
export function esConsistente(
  anterior: { tamano: number; raiz: Resumen },
  posterior: { tamano: number; raiz: Resumen },
  prueba: readonly Resumen[],
): boolean {
  if (anterior.tamano > posterior.tamano) return false;
  if (anterior.tamano === posterior.tamano)
    return prueba.length === 0 && esIgual(anterior.raiz, posterior.raiz);
  if (anterior.tamano === 0) return prueba.length === 0 && esIgual(anterior.raiz, RAIZ_VACIA);
  const camino = Number.isInteger(Math.log2(anterior.tamano)) ? [anterior.raiz, ...prueba] : [...prueba];
  const primero = camino.shift();
  if (!primero) return false;
  let [fn, sn] = [anterior.tamano - 1, posterior.tamano - 1];
  while (esImpar(fn)) [fn, sn] = [mitad(fn), mitad(sn)];
  let [antes, despues] = [primero, primero];
  for (const resumen of camino) {
    if (sn === 0) return false;
    if (esImpar(fn) || fn === sn) {
      antes = resumenDeNodo(resumen, antes);
      despues = resumenDeNodo(resumen, despues);
      while (!esImpar(fn) && fn !== 0) [fn, sn] = [mitad(fn), mitad(sn)];
    } else despues = resumenDeNodo(despues, resumen);
    [fn, sn] = [mitad(fn), mitad(sn)];
  }
  return sn === 0 && esIgual(antes, anterior.raiz) && esIgual(despues, posterior.raiz);
}

/** A tree that grows: it keeps only its right edge, and tells every subtree that a leaf completes. */
export class ArbolQueCrece {
  #tamano: number;
  /** Hashes of nodosDe({desde: 0, hasta: tamano}). */
  readonly #borde: Resumen[];

  constructor(tamano = 0, borde: readonly Resumen[] = []) {
    this.#tamano = tamano;
    this.#borde = [...borde];
  }

  get tamano(): number {
    return this.#tamano;
  }

  get borde(): readonly Resumen[] {
    return [...this.#borde];
  }

  get raiz(): Resumen {
    return this.#borde.length === 0
      ? RAIZ_VACIA
      : this.#borde.reduceRight((derecho, izquierdo) => resumenDeNodo(izquierdo, derecho));
  }

  /** @returns the subtrees that are complete now: the leaf itself, then those that end with it */
  agregar(hoja: Resumen): (Nodo & { resumen: Resumen })[] {
    const completos = [{ nivel: 0, posicion: this.#tamano, resumen: hoja }];
    let resumen = hoja;
    let [nivel, posicion] = [0, this.#tamano];
    while (esImpar(posicion)) {
      const izquierdo = this.#borde.pop();
      if (!izquierdo) throw new Error('the right edge does not belong to this size');
      resumen = resumenDeNodo(izquierdo, resumen);
      [nivel, posicion] = [nivel + 1, mitad(posicion)];
      completos.push({ nivel, posicion, resumen });
    }
    this.#borde.push(resumen);
    this.#tamano += 1;
    return completos;
  }
}

export function esIgual(a: Resumen, b: Resumen): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function mayorPotenciaMenorQue(n: number): number {
  return 2 ** Math.floor(Math.log2(n - 1));
}

// Sizes may exceed the 32 bits of the bit operators.
function esImpar(n: number): boolean {
  return n % 2 === 1;
}

function mitad(n: number): number {
  return Math.floor(n / 2);
}
