/** What re-encryption reads of the register and writes to it. */
import type { Cifrado } from '../../runtime/claves/cifrado.ts';
import { anotarRecifrado } from './claves-del-registro.ts';
import { tablasCifradasDe } from './dominio.ts';
import type { DominioDelRegistro } from './dominio.ts';
import type { DbBase } from './esquema.ts';
import { recifrarPagina, type PaginaRecifrada, type PosicionEnTabla } from './recifrado.ts';

export interface RegistroDeClaves {
  /** Names of the tables that have encrypted columns. */
  tablas: readonly string[];
  /** Writes again, under the active key, what is encrypted under another. @throws Error where the table is none of these */
  recifrarPagina(tabla: string, despuesDe: PosicionEnTabla | null, limite: number): Promise<PaginaRecifrada>;
  /** All tables are re-encrypted: the keys under which nothing is encrypted any more may leave the ring. */
  anotarRecifrado(): Promise<void>;
}

export function createRegistroDeClaves(
  db: DbBase,
  dominios: readonly DominioDelRegistro[],
  cifrado: Cifrado,
): RegistroDeClaves {
  const tablas = new Map(tablasCifradasDe(dominios).map((tabla) => [tabla.nombre, tabla]));
  return {
    tablas: [...tablas.keys()],
    async recifrarPagina(nombre, despuesDe, limite) {
      const tabla = tablas.get(nombre);
      if (!tabla) throw new Error(`the table ${nombre} holds nothing encrypted`);
      return recifrarPagina(db, cifrado, tabla, despuesDe, limite);
    },
    anotarRecifrado: () => anotarRecifrado(db, dominios, cifrado.claveActiva),
  };
}
