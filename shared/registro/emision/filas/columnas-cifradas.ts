/** The columns of an issuance that are encrypted. */
import type { Cifrado } from '../../../runtime/claves/cifrado.ts';
import {
  cifrarEnColumna,
  descifrarEnColumna,
  type ColumnaDe,
  type TablasCifradas,
} from '../../base/columnas-cifradas.ts';

export const TABLAS_CIFRADAS = {
  solicitudes: {
    clave: ['codigo'],
    id: 'codigo',
    columnas: ['cuerpo', 'contexto', 'extracto', 'fallo_detalles'],
  },
  recibidos: { clave: ['codigo', 'generacion'], id: 'codigo', columnas: ['contenido', 'faltas'] },
  certificados: { clave: ['codigo', 'tipo'], id: 'codigo', columnas: ['contenido'] },
  reejecuciones: { clave: ['id'], id: 'id', columnas: ['orden'] },
} as const satisfies TablasCifradas;

/** "table.column" */
export type ColumnaCifrada = ColumnaDe<typeof TABLAS_CIFRADAS>;

/** As base/columnas-cifradas.ts, of these columns and no other. */
export const cifrarColumna: (
  cifrado: Cifrado,
  valor: unknown,
  columna: ColumnaCifrada,
  id: string,
) => Buffer = cifrarEnColumna;
export const descifrarColumna: (
  cifrado: Cifrado,
  valor: Uint8Array,
  columna: ColumnaCifrada,
  id: string,
) => unknown = descifrarEnColumna;
