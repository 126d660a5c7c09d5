/** What a domain gives the register. */
import type { Migration } from 'kysely/migration';
import type { Hallazgo } from '../../bitacora/contrato.ts';
import { exigirDistintos } from '../../nucleo/sin-repetir.ts';
import type { Claves } from '../../runtime/claves/claves.ts';
import type { TablaConNombre, TablasCifradas } from './columnas-cifradas.ts';
import type { DbBase, LectorBase } from './esquema.ts';

/** A domain's functions are given a database that has the tables of all domains. */
export interface DominioDelRegistro {
  nombre: string;
  /** By their names, NNNN-name, which order them over all domains. One that has landed never changes. */
  migraciones: Readonly<Record<string, Migration>>;
  tablasCifradas?: TablasCifradas;
  /** "table.column" of the columns of bytes that are not encrypted. */
  bytesSinCifrar?: readonly string[];
  /** Makes some keyed hashes of its newest rows again, and tells of each whether this key made it. */
  probarHuella?(db: LectorBase, claves: Claves): Promise<boolean[]>;
  /** Ids of workflows that its rows hold open, the newest first. */
  leerEjecucionesAbiertas?(db: LectorBase, limite: number): Promise<string[]>;
  /** Compares its rows with its entries of the audit log. @param claves null leaves unread what is encrypted or keyed */
  compararConBitacora?(db: DbBase, claves: Claves | null, avanzar: () => void): AsyncGenerator<Hallazgo>;
  /** Which of these codigos, which its entries name, a client (keyed hash) sent. Absent: none belongs to a client. */
  leerEnviadasPor?(db: LectorBase, cliente: string, codigos: readonly string[]): Promise<Set<string>>;
}

export function tablasCifradasDe(dominios: readonly DominioDelRegistro[]): TablaConNombre[] {
  const todas = dominios.flatMap(({ tablasCifradas = {} }) =>
    Object.entries(tablasCifradas).map(([nombre, tabla]) => ({ ...tabla, nombre })),
  );
  exigirDistintos(
    'encrypted tables',
    todas.map(({ nombre }) => nombre),
  );
  return todas;
}
