/** The audit log's tables as Kysely sees them; the register's migrations make them. */
import type { ColumnType, JSONColumnType, Kysely, Transaction } from 'kysely';

type Bytes = ColumnType<Uint8Array, Uint8Array, Uint8Array>;
type BytesONulo = ColumnType<Uint8Array | null, Uint8Array | null, Uint8Array | null>;
/** PostgreSQL answers a bigint as text, PGlite as a number. */
type Entero = ColumnType<string | number, number, number>;

export interface TablaBitacora {
  id: string;
  dominio: string;
  /** What the entry is about, in the words of its domain: the issuance's is its codigoSolicitudTramite. */
  codigo: string;
  generacion: number | null;
  run_id: string | null;
  evento: string;
  contenido: JSONColumnType<Record<string, unknown>>;
  compromiso: string | null;
  sal: BytesONulo;
  datos: BytesONulo;
  registrada_en: ColumnType<Date, Date, never>;
  /** Null in entries of a version that knew no seals. */
  sello: ColumnType<string | null, string | null, string>;
  /** Its place in the tree, given by the sequencer. */
  epoca: ColumnType<number | null, undefined, number>;
  indice: ColumnType<string | number | null, undefined, number>;
}

interface TablaEpocas {
  epoca: number;
}

interface TablaNodos {
  epoca: number;
  nivel: number;
  posicion: Entero;
  resumen: Bytes;
}

interface TablaPuntos {
  epoca: number;
  tamano: Entero;
  /** The checkpoint as it was signed. */
  nota: string;
}

interface TablaTestigos {
  testigo: string;
  epoca: number;
  /** The largest tree of the epoch that the witness has seen. */
  tamano: Entero;
  /** Its signature lines, to be appended to the note of that size. */
  cofirmas: string;
}

export interface EsquemaDeBitacora {
  bitacora: TablaBitacora;
  bitacora_epocas: TablaEpocas;
  bitacora_nodos: TablaNodos;
  bitacora_puntos: TablaPuntos;
  bitacora_testigos: TablaTestigos;
}

export type BaseDeBitacora = Kysely<EsquemaDeBitacora>;
export type TransaccionDeBitacora = Transaction<EsquemaDeBitacora>;
