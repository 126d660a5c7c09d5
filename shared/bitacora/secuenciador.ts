/**
 * Gives the entries their place in the tree and signs it. Whoever writes an entry does not wait for that: issuances never
 * wait for each other, and of several workers one at a time does it.
 */
import type { Claves } from '../runtime/claves.ts';
import { resumenDeHoja } from './arbol.ts';
import { abrirArbol, asignarLugares, guardarNodos, leerUltimoPunto, type Punto } from './arbol-guardado.ts';
import { anotarEntrada, COLUMNAS_DE_HOJA, hojaDe, REGISTRADA } from './entrada.ts';
import type { BaseDeBitacora, TransaccionDeBitacora } from './esquema.ts';
import type { Firmante } from './nota.ts';
import { origenDe, textoDePunto } from './punto-de-control.ts';

/** Entries of one transaction: some tens of milliseconds. */
const LOTE = 1_000;

const DOMINIO_BITACORA = 'bitacora';
export const EPOCA_ABIERTA = 'EPOCA_ABIERTA';

/** Why an epoch begins. CONTRADICCION: a witness has seen what this register does not hold: it was restored. */
type CausaDeEpoca = 'INICIO' | 'CONTRADICCION' | 'ORDEN';

export interface AperturaDeEpoca {
  causa: CausaDeEpoca;
  /** In words, without personal data: what was seen, or why it was ordered. */
  motivo: string;
}

export interface Dependencias {
  db: BaseDeBitacora;
  claves: Claves;
  firmante: Firmante;
}

/**
 * Takes the entries that have no place yet, oldest first. Opens the first epoch of an empty log.
 * @returns the new checkpoint; null where there was nothing to do, or another process is at it
 */
export function secuenciar(dependencias: Dependencias): Promise<Punto | null> {
  return dependencias.db.transaction().execute(async (tx) => {
    if (await insertarEpoca(tx, 1))
      return abrir(tx, dependencias, 1, { causa: 'INICIO', motivo: 'Bitácora nueva.' }, null);
    if (!(await cerrojo(tx).skipLocked().executeTakeFirst())) return null;
    const filas = await entradasSinLugar(tx).limit(LOTE).execute();
    if (filas.length === 0) return null;
    const ultimo = await leerUltimoPunto(tx);
    if (!ultimo) throw new Error('the audit log has epochs and no checkpoint: it is damaged');
    return agregar(tx, dependencias.firmante, ultimo.epoca, ultimo.tamano, filas);
  });
}

/**
 * A tree of its own from here on; its first entry says why, and how far the last one had come.
 * @param actual the epoch that is to end
 * @returns null where it has ended already
 */
export function abrirEpoca(
  dependencias: Dependencias,
  actual: number,
  apertura: AperturaDeEpoca,
): Promise<Punto | null> {
  return dependencias.db.transaction().execute(async (tx) => {
    await cerrojo(tx).execute();
    const anterior = await leerUltimoPunto(tx);
    if (anterior?.epoca !== actual) return null;
    await insertarEpoca(tx, actual + 1);
    return abrir(tx, dependencias, actual + 1, apertura, anterior);
  });
}

/** The first epoch's row is the lock of the log, whichever epoch is the newest. */
function cerrojo(tx: TransaccionDeBitacora) {
  return tx.selectFrom('bitacora_epocas').select('epoca').where('epoca', '=', 1).forUpdate();
}

/** @returns whether there was no such epoch */
async function insertarEpoca(tx: TransaccionDeBitacora, epoca: number): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('bitacora_epocas')
    .values({ epoca })
    .onConflict((conflicto) => conflicto.doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

async function abrir(
  tx: TransaccionDeBitacora,
  { claves, firmante }: Dependencias,
  epoca: number,
  { causa, motivo }: AperturaDeEpoca,
  anterior: Punto | null,
): Promise<Punto> {
  const id = await anotarEntrada(tx, claves, {
    dominio: DOMINIO_BITACORA,
    codigo: origenDe(firmante.nombre, epoca),
    generacion: null,
    runId: null,
    evento: EPOCA_ABIERTA,
    contenido: { causa, motivo, anterior: anterior && anterior.nota },
  });
  return agregar(tx, firmante, epoca, 0, await entradasSinLugar(tx).where('id', '=', id).execute());
}

function entradasSinLugar(tx: TransaccionDeBitacora) {
  return tx
    .selectFrom('bitacora')
    .select([...COLUMNAS_DE_HOJA, REGISTRADA])
    .where('indice', 'is', null)
    .orderBy('registrada_en')
    .orderBy('id');
}

async function agregar(
  tx: TransaccionDeBitacora,
  firmante: Firmante,
  epoca: number,
  tamano: number,
  filas: Awaited<ReturnType<ReturnType<typeof entradasSinLugar>['execute']>>,
): Promise<Punto> {
  const arbol = await abrirArbol(tx, epoca, tamano);
  const nodos = filas.flatMap((fila) => arbol.agregar(resumenDeHoja(hojaDe(fila))));
  await guardarNodos(tx, epoca, nodos);
  await asignarLugares(
    tx,
    epoca,
    tamano,
    filas.map(({ id }) => id),
  );
  const texto = textoDePunto({
    origen: origenDe(firmante.nombre, epoca),
    tamano: arbol.tamano,
    raiz: arbol.raiz,
  });
  const punto = { epoca, tamano: arbol.tamano, nota: firmante.firmar(texto) };
  await tx.insertInto('bitacora_puntos').values(punto).execute();
  return punto;
}
