/** What a domain gives the register. */
import type { Migration } from 'kysely/migration';
import type { Hallazgo } from '../../bitacora/contrato.ts';
import type { Claves } from '../../runtime/claves.ts';
import type { TablaConNombre, TablasCifradas } from './columnas-cifradas.ts';
import type { DbBase, LectorBase } from './esquema.ts';

/** A domain's functions are given a database that has the tables of all domains. */
export interface DominioDelRegistro {
  nombre: string;
  /** By their names, NNNN-name, which order them over all domains. One that has landed never changes. */
  migraciones: Readonly<Record<string, Migration>>;
  tablasCifradas?: TablasCifradas;
  /** "table.column" of bytes that hold nothing encrypted. */
  bytesSinCifrar?: readonly string[];
  /** Of keyed hashes in its rows that can be made again, whether each is this key's; a few, of the newest rows. */
  probarHuella?(db: LectorBase, claves: Claves): Promise<boolean[]>;
  /** Ids of workflows that its rows hold open, the newest first. */
  leerEjecucionesAbiertas?(db: LectorBase, limite: number): Promise<string[]>;
  /** Its rows against its entries of the audit log. @param claves null leaves unread what is encrypted or keyed */
  compararConBitacora?(db: DbBase, claves: Claves | null, avanzar: () => void): AsyncGenerator<Hallazgo>;
  /** Which of these codigos of its entries a client (keyed hash) sent. Absent: none is any client's. */
  leerEnviadasPor?(db: LectorBase, cliente: string, codigos: readonly string[]): Promise<Set<string>>;
}

export function tablasCifradasDe(dominios: readonly DominioDelRegistro[]): TablaConNombre[] {
  return dominios.flatMap(({ tablasCifradas = {} }) =>
    Object.entries(tablasCifradas).map(([nombre, tabla]) => ({ ...tabla, nombre })),
  );
}
