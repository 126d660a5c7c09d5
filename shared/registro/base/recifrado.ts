/**
 * Re-encryption: what is encrypted under another key than the active one is written again under that, row by row, while
 * others write too. It may go on from any point, or begin again.
 */
import { sql } from 'kysely';
import { finDePagina } from '../../nucleo/paginas.ts';
import { Ilegible, type Cifrado } from '../../runtime/claves/cifrado.ts';
import { contextoDe, type TablaConNombre } from './columnas-cifradas.ts';
import type { DbBase } from './esquema.ts';

/** Primary key of the last row of a page, in the order of its columns. */
export type PosicionEnTabla = (string | number)[];

export interface PaginaRecifrada {
  /** Rows. */
  revisadas: number;
  /** Rows that were written anew. */
  recifradas: number;
  /** Values that do not open, by the id of their key; under '' those that name none. */
  ilegibles: Record<string, number>;
  /** Null where this page was the last. */
  ultima: PosicionEnTabla | null;
}

/** A row that others write again and again settles in a few rounds: what they write is under the active key. */
const RONDAS = 5;

type Fila = Record<string, unknown>;

export async function recifrarPagina(
  db: DbBase,
  cifrado: Cifrado,
  tabla: TablaConNombre,
  despuesDe: PosicionEnTabla | null,
  limite: number,
): Promise<PaginaRecifrada> {
  const { clave } = tabla;
  const filas = await leerFilas(db, cifrado, tabla, despuesDe && { despuesDe }, limite);
  const pagina: PaginaRecifrada = { revisadas: filas.length, recifradas: 0, ilegibles: {}, ultima: null };
  for (const fila of filas) await recifrarFila(db, cifrado, tabla, fila, pagina);
  const fin = finDePagina(filas, limite);
  return { ...pagina, ultima: fin ? posicionDe(clave, fin) : null };
}

async function recifrarFila(
  db: DbBase,
  cifrado: Cifrado,
  tabla: TablaConNombre,
  leida: Fila,
  pagina: PaginaRecifrada,
): Promise<void> {
  const { clave } = tabla;
  let fila: Fila | undefined = leida;
  for (let ronda = 0; fila && ronda < RONDAS; ronda++) {
    const { nuevos, ilegibles } = bajoLaActiva(cifrado, tabla, fila);
    if (nuevos.length === 0 || (await escribir(db, tabla, fila, nuevos))) {
      if (nuevos.length > 0) pagina.recifradas++;
      for (const id of ilegibles) pagina.ilegibles[id] = (pagina.ilegibles[id] ?? 0) + 1;
      return;
    }
    [fila] = await leerFilas(db, cifrado, tabla, { igualA: posicionDe(clave, fila) }, 1);
  }
  if (fila) throw new Error(`a row of ${tabla.nombre} changes faster than it can be re-encrypted`);
}

interface Nuevo {
  columna: string;
  anterior: Uint8Array;
  valor: Buffer;
}

/** What a row's encrypted column is bound to. */
export function contextoEnFila(tabla: TablaConNombre, columna: string, fila: Fila): string {
  return contextoDe(`${tabla.nombre}.${columna}`, String(fila[tabla.id]));
}

function bajoLaActiva(cifrado: Cifrado, tabla: TablaConNombre, fila: Fila) {
  const { columnas } = tabla;
  const nuevos: Nuevo[] = [];
  const ilegibles: string[] = [];
  for (const columna of columnas) {
    const anterior = fila[columna] as Uint8Array | null;
    if (!anterior) continue;
    const contexto = contextoEnFila(tabla, columna, fila);
    try {
      nuevos.push({
        columna,
        anterior,
        valor: cifrado.cifrar(cifrado.descifrar(anterior, contexto), contexto),
      });
    } catch (error) {
      if (!(error instanceof Ilegible)) throw error;
      ilegibles.push(error.clave ?? '');
    }
  }
  return { nuevos, ilegibles };
}

/** The rows' primary keys, and those of their encrypted values that are under another key than the active one. */
async function leerFilas(
  db: DbBase,
  { encabezado }: Cifrado,
  tabla: TablaConNombre,
  donde: { despuesDe: PosicionEnTabla } | { igualA: PosicionEnTabla } | null,
  limite: number,
): Promise<Fila[]> {
  const { clave, columnas } = tabla;
  const claves = sql.join(clave.map((columna) => sql.ref(columna)));
  const valores = columnas.map(
    (columna) =>
      sql`case when substring(${sql.ref(columna)} from 1 for ${sql.lit(encabezado.length)}) <> ${encabezado}
        then ${sql.ref(columna)} end as ${sql.ref(columna)}`,
  );
  const condicion = !donde
    ? sql``
    : 'igualA' in donde
      ? sql`where (${claves}) = (${sql.join(donde.igualA)})`
      : sql`where (${claves}) > (${sql.join(donde.despuesDe)})`;
  const { rows } = await sql<Fila>`
    select ${claves}, ${sql.join(valores)} from ${sql.table(tabla.nombre)} ${condicion}
    order by ${claves} limit ${sql.lit(limite)}`.execute(db);
  return rows;
}

/** @returns false where somebody else wrote one of the values meanwhile */
async function escribir(db: DbBase, tabla: TablaConNombre, fila: Fila, nuevos: Nuevo[]): Promise<boolean> {
  const { clave } = tabla;
  const asignaciones = nuevos.map(({ columna, valor }) => sql`${sql.ref(columna)} = ${valor}`);
  const condiciones = [
    ...clave.map((columna) => sql`${sql.ref(columna)} = ${fila[columna]}`),
    ...nuevos.map(({ columna, anterior }) => sql`${sql.ref(columna)} = ${anterior}`),
  ];
  const { numAffectedRows } = await sql`
    update ${sql.table(tabla.nombre)} set ${sql.join(asignaciones)} where ${sql.join(condiciones, sql` and `)}`.execute(
    db,
  );
  return numAffectedRows === 1n;
}

function posicionDe(clave: readonly string[], fila: Fila): PosicionEnTabla {
  return clave.map((columna) => fila[columna] as string | number);
}
