/**
 * The keys of this register. It keeps a value that only the right key yields, and every process compares its keys before
 * it works: under another CLAVE_HUELLA no lock would hold, and nobody could read what another ring wrote (ADR 41).
 */
import { sql, type Selectable } from 'kysely';
import { leerClavePublica } from '../../bitacora/punto-de-control/nota.ts';
import type { Claves } from '../../runtime/claves/claves.ts';
import { ConfiguracionInvalida } from '../../runtime/config.ts';
import {
  esHuellaDelRegistro,
  hayCifradoBajo,
  leerClavesEnUso,
  seDescifraBajo,
} from './claves-en-las-tablas.ts';
import {
  OTRA_HUELLA,
  otraClave,
  clavePerdida,
  claveQueVolvio,
  otraFirma,
  firmaAnterior,
  firmaDeOtroNombre,
  firmaQueFalta,
} from './faltas-de-claves.ts';
import { tablasCifradasDe } from './dominio.ts';
import type { DominioDelRegistro } from './dominio.ts';
import type { DbBase, EsquemaBase, LectorBase } from './esquema.ts';

type Guardada = Selectable<EsquemaBase['claves_del_registro']>;
type Variable = Guardada['variable'];

export interface ClavesDeProceso {
  claves: Claves;
  /** Public keys of a process that signs the log: its own, then those of BITACORA_CLAVES_ANTERIORES. */
  firmas?: readonly string[];
}

/** What the comparison found, and what is to be written where it found no fault. */
interface Revision {
  faltas: string[];
  escribir: ((tx: LectorBase) => Promise<unknown>)[];
}

/**
 * For a process that is to work: compares its keys with the register's, and records those that are new. A register of an
 * earlier version has recorded none: what it holds must open under them first.
 * @throws ConfiguracionInvalida that names every variable whose key is another one or missing
 */
export function exigirClavesDelRegistro(
  dominios: readonly DominioDelRegistro[],
  { claves, firmas = [] }: ClavesDeProceso,
) {
  return (db: DbBase): Promise<void> =>
    db.transaction().execute(async (tx) => {
      // Of two first starts at the same time, one records its keys and the other compares.
      await sql`lock table claves_del_registro in share row exclusive mode`.execute(tx);
      const guardadas = await tx
        .selectFrom('claves_del_registro')
        .selectAll()
        .orderBy('registrada_en', 'desc')
        .execute();
      const revisiones = [
        await revisarHuella(tx, dominios, claves, guardadas),
        await revisarAnillo(tx, dominios, claves, guardadas),
        await revisarFirma(tx, firmas, guardadas),
      ];
      const faltas = revisiones.flatMap((revision) => revision.faltas);
      if (faltas.length > 0) throw new ConfiguracionInvalida(faltas);
      for (const { escribir } of revisiones) for (const escritura of escribir) await escritura(tx);
    });
}

/**
 * For a command, which works through a worker: compares, and records nothing.
 * @throws ConfiguracionInvalida
 */
export async function compararClaves(db: DbBase, { cifrado, huella }: Claves): Promise<void> {
  const { rows } = await sql<{ tabla: string | null }>`
    select to_regclass('claves_del_registro')::text as tabla`.execute(db);
  if (!rows[0]?.tabla) return;
  const guardadas = await db.selectFrom('claves_del_registro').selectAll().execute();
  const deHuella = guardadasDe(guardadas, 'CLAVE_HUELLA')[0];
  const anillo = guardadasDe(guardadas, 'CLAVES_CIFRADO');
  const faltas = [
    ...(deHuella && deHuella.comprobacion !== comprobacionDeHuella(huella) ? [OTRA_HUELLA] : []),
    ...otrosBytes(anillo, cifrado),
    ...anillo
      .filter(({ clave, en_uso }) => en_uso && !cifrado.claves.includes(clave))
      .map(({ clave, recifrada_en }) => (recifrada_en ? '' : clavePerdida(clave))),
  ].filter((falta) => falta !== '');
  if (faltas.length > 0) throw new ConfiguracionInvalida(faltas);
}

/** Re-encryption has finished: the keys under which nothing is encrypted any more may leave the ring. */
export async function anotarRecifrado(
  db: DbBase,
  dominios: readonly DominioDelRegistro[],
  claveActiva: string,
): Promise<void> {
  const tablas = tablasCifradasDe(dominios);
  const otras = await db
    .selectFrom('claves_del_registro')
    .select('clave')
    .where('variable', '=', 'CLAVES_CIFRADO')
    .where('en_uso', '=', true)
    .where('clave', '<>', claveActiva)
    .execute();
  for (const { clave } of otras) {
    const recifrada_en = (await hayCifradoBajo(db, tablas, clave)) ? null : sql<Date>`now()`;
    await actualizarAnillo(db, clave).set({ recifrada_en }).execute();
  }
}

async function revisarHuella(
  tx: LectorBase,
  dominios: readonly DominioDelRegistro[],
  claves: Claves,
  guardadas: Guardada[],
): Promise<Revision> {
  const comprobacion = comprobacionDeHuella(claves.huella);
  const guardada = guardadasDe(guardadas, 'CLAVE_HUELLA')[0];
  if (guardada) return revision(guardada.comprobacion === comprobacion ? [] : [OTRA_HUELLA]);
  if (!(await esHuellaDelRegistro(tx, dominios, claves))) return revision([OTRA_HUELLA]);
  return revision([], (db) => insertar(db, 'CLAVE_HUELLA', '', comprobacion));
}

async function revisarAnillo(
  tx: LectorBase,
  dominios: readonly DominioDelRegistro[],
  { cifrado }: Claves,
  guardadas: Guardada[],
): Promise<Revision> {
  const tablas = tablasCifradasDe(dominios);
  const { claveActiva } = cifrado;
  const anillo = guardadasDe(guardadas, 'CLAVES_CIFRADO');
  const registrar = (enUso: (clave: string) => boolean) =>
    cifrado.claves
      .filter((clave) => !anillo.some((una) => una.clave === clave))
      .map(
        (clave) => (db: LectorBase) =>
          insertar(db, 'CLAVES_CIFRADO', clave, cifrado.comprobacion(clave), enUso(clave)),
      );

  if (anillo.length === 0) {
    const enUso = await leerClavesEnUso(tx, tablas);
    const faltas: string[] = [];
    for (const clave of enUso)
      if (!cifrado.claves.includes(clave)) faltas.push(clavePerdida(clave));
      else if (!(await seDescifraBajo(tx, tablas, cifrado, clave))) faltas.push(otraClave(clave));
    return revision(faltas, ...registrar((clave) => clave === claveActiva || enUso.has(clave)));
  }

  const faltas = otrosBytes(anillo, cifrado);
  const retiradas: string[] = [];
  for (const { clave, en_uso, recifrada_en } of anillo) {
    if (!en_uso || cifrado.claves.includes(clave)) continue;
    if (!recifrada_en) faltas.push(clavePerdida(clave));
    // A process that still encrypts with it may have written since.
    else if (await hayCifradoBajo(tx, tablas, clave)) faltas.push(claveQueVolvio(clave));
    else retiradas.push(clave);
  }
  return revision(
    faltas,
    ...registrar((clave) => clave === claveActiva),
    ...retiradas.map(
      (clave) => (db: LectorBase) => actualizarAnillo(db, clave).set({ en_uso: false }).execute(),
    ),
    (db) => actualizarAnillo(db, claveActiva).set({ en_uso: true, recifrada_en: null }).execute(),
  );
}

/**
 * Every key that ever signed this log is needed to read its checkpoints. A key that was replaced may sign again only
 * where its successor is known too: without it the log would look altered.
 */
async function revisarFirma(
  tx: LectorBase,
  firmas: readonly string[],
  guardadas: Guardada[],
): Promise<Revision> {
  const [propia] = firmas;
  if (propia === undefined) return revision([]);
  const suyas = guardadasDe(guardadas, 'BITACORA_CLAVE_FIRMA').map(({ clave }) => clave);
  const [ultima] = suyas;
  const vigente = ultima === undefined ? await firmaDelUltimoPunto(tx, firmas) : ultima;
  if (vigente === null || !firmas.includes(vigente))
    return revision([suyas.includes(propia) ? firmaAnterior(propia, ultima) : otraFirma(ultima)]);
  const faltas = suyas.filter((clave) => !firmas.includes(clave)).map(firmaQueFalta);
  if (suyas.includes(propia)) return revision(faltas);
  const [nombre, suNombre] = [vigente, propia].map((clave) => leerClavePublica(clave).nombre);
  if (nombre !== suNombre) faltas.push(firmaDeOtroNombre(suNombre, nombre));
  return revision(faltas, (db) => insertar(db, 'BITACORA_CLAVE_FIRMA', propia, propia));
}

/** Which of these keys signed the newest checkpoint; null where none did. Of an empty log, the first key. */
async function firmaDelUltimoPunto(tx: LectorBase, firmas: readonly string[]): Promise<string | null> {
  const punto = await tx
    .selectFrom('bitacora_puntos')
    .select('nota')
    .orderBy('epoca', 'desc')
    .orderBy('tamano', 'desc')
    .limit(1)
    .executeTakeFirst();
  return firmas.find((firma) => !punto || leerClavePublica(firma).verificar(punto.nota)) ?? null;
}

function revision(faltas: string[], ...escribir: Revision['escribir']): Revision {
  return { faltas, escribir };
}

function guardadasDe(guardadas: readonly Guardada[], variable: Variable): Guardada[] {
  return guardadas.filter((una) => una.variable === variable);
}

function actualizarAnillo(db: LectorBase, clave: string) {
  return db
    .updateTable('claves_del_registro')
    .where('variable', '=', 'CLAVES_CIFRADO')
    .where('clave', '=', clave);
}

function insertar(db: LectorBase, variable: Variable, clave: string, comprobacion: string, en_uso = true) {
  return db.insertInto('claves_del_registro').values({ variable, clave, comprobacion, en_uso }).execute();
}

function comprobacionDeHuella(huella: Claves['huella']): string {
  return huella('comprobacion', 'CLAVE_HUELLA');
}

function otrosBytes(anillo: readonly Guardada[], cifrado: Claves['cifrado']): string[] {
  return anillo
    .filter(({ clave }) => cifrado.claves.includes(clave))
    .filter(({ clave, comprobacion }) => comprobacion !== cifrado.comprobacion(clave))
    .map(({ clave }) => otraClave(clave));
}
