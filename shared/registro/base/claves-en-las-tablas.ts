/** Under which keys the register's values are encrypted, read from the values themselves. Each reading walks whole tables. */
import { sql } from 'kysely';
import { encabezadoDe, Ilegible, type Cifrado } from '../../runtime/claves/cifrado.ts';
import type { Claves } from '../../runtime/claves/claves.ts';
import type { TablaConNombre } from './columnas-cifradas.ts';
import type { DominioDelRegistro } from './dominio.ts';
import type { LectorBase } from './esquema.ts';
import { contextoEnFila } from './recifrado.ts';

/** Rows that are looked at to recognise a key: a single one may be damaged. */
export const FILAS_DE_MUESTRA = 5;

function columnasDe(tablas: readonly TablaConNombre[]): { tabla: TablaConNombre; columna: string }[] {
  return tablas.flatMap((tabla) => tabla.columnas.map((columna) => ({ tabla, columna })));
}

/** What createCifrado takes as an id: anything else is a damaged value. */
const FORMA_DE_ID = /^[\w.-]{1,64}$/;

/** Ids of the keys under which anything is encrypted. */
export async function leerClavesEnUso(
  db: LectorBase,
  tablas: readonly TablaConNombre[],
): Promise<Set<string>> {
  const ids = new Set<string>();
  for (const { tabla, columna } of columnasDe(tablas)) {
    const valor = sql.ref(columna);
    // Byte 0 is the format's version, byte 1 the length of the id that follows.
    const { rows } = await sql<{ id: string }>`select distinct
      case when length(${valor}) > 2
        then encode(substring(${valor} from 3 for get_byte(${valor}, 1)), 'escape') else '' end as id
      from ${sql.table(tabla.nombre)} where ${valor} is not null`.execute(db);
    for (const { id } of rows) if (FORMA_DE_ID.test(id)) ids.add(id);
  }
  return ids;
}

/** Whether anything is encrypted under the key of this id. */
export async function hayCifradoBajo(
  db: LectorBase,
  tablas: readonly TablaConNombre[],
  id: string,
): Promise<boolean> {
  for (const { tabla, columna } of columnasDe(tablas))
    if ((await leerCifradoBajo(db, tabla, columna, id, 1)).length > 0) return true;
  return false;
}

/** Whether anything that is encrypted under this id opens; true also where nothing is. */
export async function seDescifraBajo(
  db: LectorBase,
  tablas: readonly TablaConNombre[],
  cifrado: Cifrado,
  id: string,
): Promise<boolean> {
  let vistas = 0;
  for (const { tabla, columna } of columnasDe(tablas))
    for (const fila of await leerCifradoBajo(db, tabla, columna, id, FILAS_DE_MUESTRA)) {
      if (descifrarSiSePuede(cifrado, fila[columna] as Uint8Array, contextoEnFila(tabla, columna, fila)))
        return true;
      vistas++;
    }
  return vistas === 0;
}

/** Whether any keyed hash of the register is this key's; true also where none can be made again. */
export async function esHuellaDelRegistro(
  db: LectorBase,
  dominios: readonly DominioDelRegistro[],
  claves: Claves,
): Promise<boolean> {
  const pruebas: boolean[] = [];
  for (const dominio of dominios) pruebas.push(...((await dominio.probarHuella?.(db, claves)) ?? []));
  return pruebas.length === 0 || pruebas.includes(true);
}

/** Null where it does not open. */
export function descifrarSiSePuede(
  cifrado: Cifrado,
  valor: Uint8Array | null,
  contexto: string,
): Buffer | null {
  if (!valor) return null;
  try {
    return cifrado.descifrar(valor, contexto);
  } catch (error) {
    if (error instanceof Ilegible) return null;
    throw error;
  }
}

async function leerCifradoBajo(
  db: LectorBase,
  tabla: TablaConNombre,
  columna: string,
  id: string,
  limite: number,
): Promise<Record<string, unknown>[]> {
  const encabezado = encabezadoDe(id);
  const { rows } = await sql<Record<string, unknown>>`select * from ${sql.table(tabla.nombre)}
    where substring(${sql.ref(columna)} from 1 for ${sql.lit(encabezado.length)}) = ${encabezado}
    limit ${sql.lit(limite)}`.execute(db);
  return rows;
}
