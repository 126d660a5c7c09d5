/** The encrypted columns: each domain lists its own, and re-encryption walks them all. */
import type { Cifrado } from '../../runtime/claves/cifrado.ts';

interface TablaCifrada {
  /** Columns of the primary key. */
  clave: readonly string[];
  /** The column whose value is bound, with the column's name, to each ciphertext. */
  id: string;
  columnas: readonly string[];
}

/** By the table's name. */
export type TablasCifradas = Readonly<Record<string, TablaCifrada>>;

/** "table.column" of the encrypted columns of these tables. */
export type ColumnaDe<T extends TablasCifradas> = {
  [N in keyof T & string]: `${N}.${T[N]['columnas'][number]}`;
}[keyof T & string];

export interface TablaConNombre extends TablaCifrada {
  nombre: string;
}

/** What is authenticated with each ciphertext, so that one moved to another row or column does not open. */
export function contextoDe(columna: string, id: string): string {
  return `${columna}:${id}`;
}

/** @param id of the row; with the column it is bound to the value, so that a ciphertext moved elsewhere does not open */
export function cifrarEnColumna(cifrado: Cifrado, valor: unknown, columna: string, id: string): Buffer {
  return cifrado.cifrar(Buffer.from(JSON.stringify(valor)), contextoDe(columna, id));
}

export function descifrarEnColumna(
  cifrado: Cifrado,
  valor: Uint8Array,
  columna: string,
  id: string,
): unknown {
  return JSON.parse(cifrado.descifrar(valor, contextoDe(columna, id)).toString('utf8'));
}
