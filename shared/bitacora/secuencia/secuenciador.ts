/**
 * Gives the entries their place in the tree and signs it. Whoever writes an entry does not wait for that: issuances never
 * wait for each other, and of several workers only one does it at a time. It signs nothing on top of what it did not
 * sign.
 */
import type { Claves } from '../../runtime/claves/claves.ts';
import { ArbolQueCrece, resumenDeHoja } from '../arbol/arbol.ts';
import {
  asignarLugares,
  guardarNodos,
  leerUltimoPunto,
  type PuntoGuardado,
} from '../arbol/arbol-guardado.ts';
import { leerSelladas } from './en-espera.ts';
import {
  anotarEntrada,
  COLUMNAS_DE_HOJA,
  hojaDe,
  REGISTRADA,
  type Anotacion,
  type FilaDeHoja,
} from '../entrada.ts';
import type { BaseDeBitacora, TransaccionDeBitacora } from '../esquema.ts';
import { abrirArbolFirmado, BitacoraAlterada, exigirPuntoFirmado } from '../punto-de-control/firmado.ts';
import type { Firmante, Verificador } from '../punto-de-control/nota.ts';
import { enlaceCon, origenDe, textoDePunto } from '../punto-de-control/punto-de-control.ts';

/** Entries of one transaction: some tens of milliseconds. */
const LOTE = 1_000;

export const DOMINIO_BITACORA = 'bitacora';
export const EPOCA_ABIERTA = 'EPOCA_ABIERTA';

/** Why an epoch begins. CONTRADICCION: a witness has seen what this register does not hold: it was restored. */
type CausaDeEpoca = 'INICIO' | 'CONTRADICCION' | 'ORDEN';

export interface AperturaDeEpoca {
  causa: CausaDeEpoca;
  /** In words, without personal data: what was seen, or why it was ordered. */
  motivo: string;
  /** What the witness showed against this register, as it showed it. */
  evidencia?: string;
}

export interface DependenciasDeSecuencia {
  db: BaseDeBitacora;
  claves: Claves;
  firmante: Firmante;
  /** For the keys that may have signed the checkpoints until now. */
  verificadores: readonly Verificador[];
}

/** As secuenciarLote. @returns null where nothing was signed */
export async function secuenciar(dependencias: DependenciasDeSecuencia): Promise<PuntoGuardado | null> {
  const punto = await secuenciarLote(dependencias);
  return typeof punto === 'string' ? null : punto;
}

/**
 * Takes the sealed entries that have no place yet, oldest first. Opens the first epoch of an empty log.
 * @returns the new checkpoint; NADA where nothing waited, OCUPADA where another one holds the lock of the log
 * @throws BitacoraAlterada where the last checkpoint, or the tree under it, is not what was signed
 */
export function secuenciarLote(
  dependencias: DependenciasDeSecuencia,
): Promise<PuntoGuardado | 'NADA' | 'OCUPADA'> {
  const { db, claves, firmante, verificadores } = dependencias;
  return db.transaction().execute(async (tx) => {
    const esNueva = await insertarEpoca(tx, 1);
    if (!esNueva && !(await cerrojo(tx).skipLocked().executeTakeFirst())) return 'OCUPADA';
    const ultimo = await leerUltimoPunto(tx);
    if (esNueva && !ultimo)
      return abrir(tx, dependencias, 1, { causa: 'INICIO', motivo: 'Bitácora nueva.' }, null);
    if (esNueva || !ultimo)
      throw new BitacoraAlterada('Faltan épocas o puntos de control de la bitácora: fueron borrados.');
    const arbol = await abrirArbolFirmado(tx, ultimo, exigirPuntoFirmado(verificadores, ultimo));
    const filas = await leerSelladas(tx, claves.huella, LOTE);
    return filas.length === 0 ? 'NADA' : agregar(tx, firmante, { ...ultimo, arbol }, filas);
  });
}

/**
 * Begins a tree of its own; its first entry says why, and how far the last tree had come.
 * @param actual the epoch that is to end
 * @param quien who ordered it
 * @returns null where it has ended already
 * @throws BitacoraAlterada where it is not what was signed: only a person's order goes on from that
 */
export function abrirEpoca(
  dependencias: DependenciasDeSecuencia,
  actual: number,
  apertura: AperturaDeEpoca,
  quien?: string,
): Promise<PuntoGuardado | null> {
  return dependencias.db.transaction().execute(async (tx) => {
    await bloquear(tx);
    const anterior = await leerUltimoPunto(tx);
    if (anterior?.epoca !== actual) return null;
    if (apertura.causa !== 'ORDEN')
      await abrirArbolFirmado(tx, anterior, exigirPuntoFirmado(dependencias.verificadores, anterior));
    await insertarEpoca(tx, actual + 1);
    return abrir(tx, dependencias, actual + 1, apertura, anterior, quien);
  });
}

/** Until the transaction ends, nobody else gives places. */
export async function bloquear(tx: TransaccionDeBitacora): Promise<void> {
  await cerrojo(tx).execute();
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
  { claves, firmante }: DependenciasDeSecuencia,
  epoca: number,
  apertura: AperturaDeEpoca,
  anterior: PuntoGuardado | null,
  quien?: string,
): Promise<PuntoGuardado> {
  const id = await anotarEntrada(tx, claves, {
    dominio: DOMINIO_BITACORA,
    codigo: origenDe(firmante.nombre, epoca),
    generacion: null,
    runId: null,
    evento: EPOCA_ABIERTA,
    contenido: { ...apertura, anterior: anterior && anterior.nota },
    ...ordenadaPor(quien),
  });
  const aperturas = await tx
    .selectFrom('bitacora')
    .select([...COLUMNAS_DE_HOJA, REGISTRADA])
    .where('id', '=', id)
    .execute();
  return agregar(
    tx,
    firmante,
    { epoca, nota: anterior && anterior.nota, arbol: new ArbolQueCrece() },
    aperturas,
  );
}

/** Who ordered what an entry tells: kept beside it, as for TEMPORAL_MUDADO. */
export function ordenadaPor(quien: string | undefined): Pick<Anotacion, 'personal'> {
  return quien === undefined ? {} : { personal: { solicitadaPor: quien } };
}

/** Where the tree goes on: its epoch, the checkpoint before, and the tree itself. */
interface Continuacion {
  epoca: number;
  nota: string | null;
  arbol: ArbolQueCrece;
}

async function agregar(
  tx: TransaccionDeBitacora,
  firmante: Firmante,
  { epoca, nota, arbol }: Continuacion,
  filas: readonly FilaDeHoja[],
): Promise<PuntoGuardado> {
  const desde = arbol.tamano;
  const nodos = filas.flatMap((fila) => arbol.agregar(resumenDeHoja(hojaDe(fila))));
  await ocupar(async () => {
    await guardarNodos(tx, epoca, nodos);
    await asignarLugares(
      tx,
      epoca,
      desde,
      filas.map(({ id }) => id),
    );
  });
  const texto = textoDePunto({
    origen: origenDe(firmante.nombre, epoca),
    tamano: arbol.tamano,
    raiz: arbol.raiz,
    anterior: enlaceCon(nota),
  });
  const punto = { epoca, tamano: arbol.tamano, nota: firmante.firmar(texto) };
  await tx.insertInto('bitacora_puntos').values(punto).execute();
  return punto;
}

const REPETIDO = '23505';

/** @throws BitacoraAlterada where something stands already in the places that come next */
async function ocupar(trabajo: () => Promise<void>): Promise<void> {
  try {
    await trabajo();
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== REPETIDO) throw cause;
    throw new BitacoraAlterada('Los lugares que siguen en la bitácora ya están ocupados: fue alterada.', {
      cause,
    });
  }
}
