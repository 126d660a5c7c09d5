/** Every encrypted column of the register. Re-encryption walks this table, and only its columns can be written encrypted. */
import type { Esquema } from './esquema.ts';

interface TablaCifrada {
  /** Columns of the primary key. */
  clave: readonly string[];
  /** The column whose value is bound, with the column's name, to each ciphertext. */
  id: string;
  columnas: readonly string[];
}

export const TABLAS_CIFRADAS = {
  solicitudes: {
    clave: ['codigo'],
    id: 'codigo',
    columnas: ['cuerpo', 'contexto', 'extracto', 'fallo_detalles'],
  },
  recibidos: { clave: ['codigo', 'generacion'], id: 'codigo', columnas: ['contenido', 'faltas'] },
  certificados: { clave: ['codigo', 'tipo'], id: 'codigo', columnas: ['contenido'] },
  bitacora: { clave: ['id'], id: 'id', columnas: ['datos'] },
  reejecuciones: { clave: ['id'], id: 'id', columnas: ['orden'] },
} as const satisfies Partial<Record<keyof Esquema, TablaCifrada>>;

/** Columns of bytes that hold nothing encrypted. */
export const BYTES_SIN_CIFRAR: readonly string[] = ['bitacora.sal', 'bitacora_nodos.resumen'];

type Tablas = typeof TABLAS_CIFRADAS;
export type NombreDeTabla = keyof Tablas;
/** "table.column" */
export type ColumnaCifrada = { [T in NombreDeTabla]: `${T}.${Tablas[T]['columnas'][number]}` }[NombreDeTabla];

/** What is authenticated with each ciphertext, so that one moved to another row or column does not open. */
export function contextoDe(columna: ColumnaCifrada, id: string): string {
  return `${columna}:${id}`;
}
