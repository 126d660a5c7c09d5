/** What maintenance reads of the register and writes to it. The layers import this, registro.ts and soporte.ts. */
import { sql } from 'kysely';
import type { Candados } from '../emision/mantenimiento.ts';
import type { Posicion } from '../emision/soporte.ts';
import { createConciliaciones, type Conciliaciones } from './conciliacion.ts';
import { anotarRecifrado } from './claves-del-registro.ts';
import {
  contarEnProceso,
  leerCandados,
  leerDuenos,
  leerEnProceso,
  leerTestigo,
  tieneAnotacion,
  type Dueno,
} from './pasada.ts';
import type { NombreDeTabla } from './columnas-cifradas.ts';
import { recifrarPagina, type PaginaRecifrada, type PosicionEnTabla } from './recifrado.ts';
import type { DependenciasDeRegistro } from './registro.ts';
import { leerReloj, type LecturaDeReloj } from './reloj.ts';
import {
  contarSinJuzgar,
  retirarOrdenes,
  retirarPagina,
  type PaginaDeRetencion,
  type PosicionDeRetencion,
  type Vencimiento,
} from './retencion.ts';

export { TABLAS_CIFRADAS, type NombreDeTabla } from './columnas-cifradas.ts';
export type { PosicionEnTabla } from './recifrado.ts';
export type { LecturaDeReloj } from './reloj.ts';

export interface RegistroDeMantenimiento {
  /** Brings one codigo to what register and Temporal together know of it. Nothing is sent to the PKI. */
  conciliarUna: Conciliaciones['conciliarUna'];
  /** Whether a run of this codigo is open in Temporal. */
  tieneRunAbierta(codigo: string): Promise<boolean>;
  contarEnProceso(): Promise<number>;
  leerEnProceso(despuesDe: Posicion | null, limite: number): Promise<Posicion[]>;
  leerDuenos(codigos: string[]): Promise<Map<string, Dueno>>;
  leerCandados(): Promise<Candados>;
  leerTestigo(): Promise<string | null>;
  tieneAnotacion(id: string): Promise<boolean>;
  leerReloj(): Promise<LecturaDeReloj>;
  /** Takes away the data of closed issuances whose time is over, oldest end first. */
  retirarPagina(
    vencimiento: Vencimiento,
    despuesDe: PosicionDeRetencion | null,
    limite: number,
  ): Promise<PaginaDeRetencion>;
  /** How many of those have an answer of the PKI that was neither released nor found wrong: they stay. */
  contarSinJuzgar(vencimiento: Vencimiento): Promise<number>;
  /** Takes away why and by whom bulk re-runs were ordered that ended before this. @returns of how many */
  retirarOrdenes(antesDe: Date): Promise<number>;
  /** Writes what stands under another key anew under the active one. */
  recifrarPagina(
    tabla: NombreDeTabla,
    despuesDe: PosicionEnTabla | null,
    limite: number,
  ): Promise<PaginaRecifrada>;
  /** All tables are re-encrypted: the keys under which nothing stands any more may leave the ring. */
  anotarRecifrado(): Promise<void>;
  /** Register and Temporal answer, within their own time limits; or it throws. */
  comprobar(): Promise<void>;
}

/** A codigo that no request may have: it is empty. */
const CODIGO_IMPOSIBLE = '';

export function createRegistroDeMantenimiento({
  db,
  claves,
  motor,
}: DependenciasDeRegistro): RegistroDeMantenimiento {
  return {
    conciliarUna: createConciliaciones(db, claves, motor).conciliarUna,
    tieneRunAbierta: async (codigo) => (await motor.describir(codigo))?.abierta === true,
    contarEnProceso: () => contarEnProceso(db),
    leerEnProceso: (despuesDe, limite) => leerEnProceso(db, despuesDe, limite),
    leerDuenos: (codigos) => leerDuenos(db, codigos),
    leerCandados: () => leerCandados(db),
    leerTestigo: () => leerTestigo(db),
    tieneAnotacion: (id) => tieneAnotacion(db, id),
    leerReloj: () => leerReloj(db),
    contarSinJuzgar: (vencimiento) => contarSinJuzgar(db, vencimiento),
    retirarPagina: (vencimiento, despuesDe, limite) =>
      retirarPagina(db, claves, vencimiento, despuesDe, limite),
    retirarOrdenes: (antesDe) => retirarOrdenes(db, claves, antesDe),
    recifrarPagina: (tabla, despuesDe, limite) =>
      recifrarPagina(db, claves.cifrado, tabla, despuesDe, limite),
    anotarRecifrado: () => anotarRecifrado(db, claves.cifrado.claveActiva),
    async comprobar() {
      await sql`select 1`.execute(db);
      await motor.describir(CODIGO_IMPOSIBLE);
    },
  };
}
