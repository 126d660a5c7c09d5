/** The issuance's tables as Kysely sees them; its migrations make them and say what each is for. */
import type { ColumnType, Generated, JSONColumnType, Kysely, Transaction } from 'kysely';
import type { NumeroSolicitud, Paso } from '../../../emision/contrato.ts';
import type { EstadoEmision, EstadoPaso } from '../../../emision/emision.ts';
import type { TipoFallo } from '../../../emision/fallos.ts';
import type { Decision, EstadoDeReejecucion, PorRevocar } from '../../../emision/soporte.ts';
import type { EstadoDeCircuito } from '../../../nucleo/circuito.ts';
import type { EsquemaBase } from '../../base/esquema.ts';

/** Marks of sends (turno/marcas.ts). */
type Marcas = JSONColumnType<string[]>;
type Momento = ColumnType<Date, Date, Date>;
type MomentoONulo = ColumnType<Date | null, Date | null, Date | null>;
/** Encrypted by shared/runtime/claves/cifrado.ts. pg answers Buffer, PGlite Uint8Array. */
type Cifrado = ColumnType<Uint8Array, Uint8Array, Uint8Array>;
type CifradoONulo = ColumnType<Uint8Array | null, Uint8Array | null, Uint8Array | null>;

export interface TablaSolicitudes {
  codigo: string;
  generacion: number;
  estado: EstadoEmision;
  run_id: string;
  huella_solicitud: string;
  huella_ciudadano: string;
  request_id: string;
  resultado_incierto: boolean;
  oficina: string;
  cuerpo: CifradoONulo;
  contexto: CifradoONulo;
  extracto: CifradoONulo;
  fallo_tipo: TipoFallo | null;
  fallo_paso: Paso | null;
  fallo_detalles: CifradoONulo;
  registro_auditoria_id: string;
  aceptada_en: Momento;
  fecha_inicio: Momento;
  fecha_fin: MomentoONulo;
  resolucion: Decision | null;
  reejecucion_id: string | null;
  cliente: string | null;
}

export interface TablaPasos {
  codigo: string;
  generacion: number;
  paso: Paso;
  clave_idempotencia: string;
  estado: EstadoPaso;
  fecha_inicio: MomentoONulo;
  fecha_fin: MomentoONulo;
  intentos: Generated<number>;
  envios_sin_aclarar: Marcas;
  solicitud_pki_id: string | null;
  numeros_solicitud: JSONColumnType<NumeroSolicitud[]> | null;
  ultimo_fallo: TipoFallo | null;
  proximo_intento: MomentoONulo;
}

interface TablaRecibidos {
  codigo: string;
  generacion: number;
  contenido: CifradoONulo;
  conforme: boolean | null;
  faltas: CifradoONulo;
  series: JSONColumnType<string[]> | null;
  recibido_en: Momento;
}

interface TablaCertificados {
  codigo: string;
  generacion: number;
  tipo: string;
  numero_serie: string;
  huella_clave_publica: string;
  huella_certificado: string;
  /** Null where the version before wrote it. */
  huella_emisor: string | null;
  contenido: Cifrado;
  emitido_en: Momento;
}

interface TablaPorRevocar {
  codigo: string;
  generacion: number;
  causa: PorRevocar['causa'];
  clave: string;
  solicitud_pki_id: string | null;
  series: JSONColumnType<string[]>;
  registrada_en: Momento;
}

interface TablaReejecuciones {
  id: string;
  orden: CifradoONulo;
  creada_en: Momento;
  terminada_en: MomentoONulo;
}

interface TablaReejecucionesLineas {
  reejecucion_id: string;
  posicion: number;
  codigo: string;
  estado: EstadoDeReejecucion;
  fallo: TipoFallo | null;
}

interface TablaCircuitos {
  trabajador: string;
  paso: Paso;
  estado: EstadoDeCircuito;
  descansa_hasta: Momento;
  visto_en: Momento;
  a_prueba_con: string | null;
}

/** The register as the issuance sees it. */
export interface EsquemaDeEmision extends EsquemaBase {
  solicitudes: TablaSolicitudes;
  pasos: TablaPasos;
  recibidos: TablaRecibidos;
  certificados: TablaCertificados;
  por_revocar: TablaPorRevocar;
  reejecuciones: TablaReejecuciones;
  reejecuciones_lineas: TablaReejecucionesLineas;
  circuitos: TablaCircuitos;
}

export type Db = Kysely<EsquemaDeEmision>;
export type Tx = Transaction<EsquemaDeEmision>;
/** For what only reads, within a transaction or not. */
export type Lector = Db | Tx;
