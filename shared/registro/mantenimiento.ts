/** What maintenance reads of the register and writes to it. The layers import this, registro.ts and soporte.ts. */
import { sql } from 'kysely';
import type { Candados } from '../emision/mantenimiento.ts';
import type { Posicion } from '../emision/soporte.ts';
import { createConciliaciones, type Conciliaciones } from './conciliacion.ts';
import {
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
import {
  retirarOrdenes,
  retirarPagina,
  type PaginaDeRetencion,
  type PosicionDeRetencion,
  type Vencimiento,
} from './retencion.ts';

export { TABLAS_CIFRADAS, type NombreDeTabla } from './columnas-cifradas.ts';
export type { PosicionEnTabla } from './recifrado.ts';

export interface RegistroDeMantenimiento {
  /** Brings one codigo to what register and Temporal together know of it. Nothing is sent to the PKI. */
  conciliarUna: Conciliaciones['conciliarUna'];
  leerEnProceso(despuesDe: Posicion | null, limite: number): Promise<Posicion[]>;
  leerDuenos(codigos: string[]): Promise<Map<string, Dueno>>;
  leerCandados(): Promise<Candados>;
  leerTestigo(): Promise<string | null>;
  tieneAnotacion(id: string): Promise<boolean>;
  /** Takes away the data of closed issuances whose time is over, oldest end first. */
  retirarPagina(
    vencimiento: Vencimiento,
    despuesDe: PosicionDeRetencion | null,
    limite: number,
  ): Promise<PaginaDeRetencion>;
  /** Takes away why and by whom bulk re-runs were ordered that ended before this. @returns of how many */
  retirarOrdenes(antesDe: Date): Promise<number>;
  /** Writes what stands under another key anew under the active one. */
  recifrarPagina(
    tabla: NombreDeTabla,
    despuesDe: PosicionEnTabla | null,
    limite: number,
  ): Promise<PaginaRecifrada>;
  /** Register and Temporal answer, within their own time limits; or it throws. */
  comprobar(): Promise<void>;
}

/** A codigo that no request may have: it is empty. */
const NINGUNO = '';

export function createRegistroDeMantenimiento({
  db,
  claves,
  motor,
}: DependenciasDeRegistro): RegistroDeMantenimiento {
  return {
    conciliarUna: createConciliaciones(db, claves, motor).conciliarUna,
    leerEnProceso: (despuesDe, limite) => leerEnProceso(db, despuesDe, limite),
    leerDuenos: (codigos) => leerDuenos(db, codigos),
    leerCandados: () => leerCandados(db),
    leerTestigo: () => leerTestigo(db),
    tieneAnotacion: (id) => tieneAnotacion(db, id),
    retirarPagina: (vencimiento, despuesDe, limite) =>
      retirarPagina(db, claves, vencimiento, despuesDe, limite),
    retirarOrdenes: (antesDe) => retirarOrdenes(db, antesDe),
    recifrarPagina: (tabla, despuesDe, limite) =>
      recifrarPagina(db, claves.cifrado, tabla, despuesDe, limite),
    async comprobar() {
      await sql`select 1`.execute(db);
      await motor.describir(NINGUNO);
    },
  };
}
