/** What maintenance reads of the register and writes to it. */
import { sql } from 'kysely';
import type { Candados } from '../../emision/mantenimiento.ts';
import type { Posicion } from '../../emision/soporte.ts';
import { createConciliaciones, type Conciliaciones } from './conciliacion/conciliacion.ts';
import {
  leerCandados,
  leerDuenos,
  leerEnProceso,
  leerUltimaEntrada,
  tieneEntrada,
  type Dueno,
} from './conciliacion/lecturas-de-conciliacion.ts';
import { contarEnProceso } from './soporte/listado.ts';
import type { DependenciasDeRegistro } from './registro.ts';
import { leerHora, type HoraDeLaBase } from './retencion/hora-de-la-base.ts';
import {
  contarSinJuzgar,
  retirarOrdenes,
  retirarPagina,
  type PaginaDeRetencion,
  type PosicionDeRetencion,
  type Vencimiento,
} from './retencion/retencion.ts';

export type { HoraDeLaBase } from './retencion/hora-de-la-base.ts';

export interface RegistroDeMantenimiento {
  /** Brings one codigo to what register and Temporal together know of it. Nothing is sent to the PKI. */
  conciliarUna: Conciliaciones['conciliarUna'];
  /** Whether a run of this codigo is open in Temporal. */
  tieneRunAbierta(codigo: string): Promise<boolean>;
  contarEnProceso(): Promise<number>;
  leerEnProceso(despuesDe: Posicion | null, limite: number): Promise<Posicion[]>;
  leerDuenos(codigos: string[]): Promise<Map<string, Dueno>>;
  leerCandados(): Promise<Candados>;
  leerUltimaEntrada(): Promise<string | null>;
  tieneEntrada(id: string): Promise<boolean>;
  leerHora(): Promise<HoraDeLaBase>;
  /** Takes away the data of closed issuances whose time is over, in the order in which they ended. */
  retirarPagina(
    vencimiento: Vencimiento,
    despuesDe: PosicionDeRetencion | null,
    limite: number,
  ): Promise<PaginaDeRetencion>;
  /** How many of those have an answer of the PKI that was neither released nor found wrong: they stay. */
  contarSinJuzgar(vencimiento: Vencimiento): Promise<number>;
  /** Takes away why and by whom bulk re-runs were ordered, of those that ended before this. @returns how many they were */
  retirarOrdenes(antesDe: Date): Promise<number>;
  /** Throws unless register and Temporal answer within their own time limits. */
  comprobar(): Promise<void>;
}

/** A codigo that no request may have: it is empty. */
const CODIGO_IMPOSIBLE = '';

export function createRegistroDeMantenimiento({
  db,
  claves,
  motor,
  guarda,
}: DependenciasDeRegistro): RegistroDeMantenimiento {
  return {
    conciliarUna: createConciliaciones({ db, claves, motor, guarda }).conciliarUna,
    tieneRunAbierta: async (codigo) => (await motor.describir(codigo))?.abierta === true,
    contarEnProceso: async () =>
      [...(await contarEnProceso(db)).values()].reduce((suma, suyas) => suma + suyas, 0),
    leerEnProceso: (despuesDe, limite) => leerEnProceso(db, despuesDe, limite),
    leerDuenos: (codigos) => leerDuenos(db, codigos),
    leerCandados: () => leerCandados(db),
    leerUltimaEntrada: () => leerUltimaEntrada(db),
    tieneEntrada: (id) => tieneEntrada(db, id),
    leerHora: () => leerHora(db),
    contarSinJuzgar: (vencimiento) => contarSinJuzgar(db, vencimiento),
    retirarPagina: (vencimiento, despuesDe, limite) =>
      retirarPagina(db, claves, vencimiento, despuesDe, limite),
    retirarOrdenes: (antesDe) => retirarOrdenes(db, claves, antesDe),
    async comprobar() {
      await sql`select 1`.execute(db);
      await motor.describir(CODIGO_IMPOSIBLE);
    },
  };
}
