/** What maintenance reads of the register and writes to it. The layers import this, registro.ts and soporte.ts. */
import { sql } from 'kysely';
import type { Candados } from '../emision/mantenimiento.ts';
import type { Posicion } from '../emision/soporte.ts';
import { createConciliarUna, type ConciliarUna } from './conciliacion.ts';
import {
  leerCandados,
  leerDuenos,
  leerEnProceso,
  leerTestigo,
  tieneAnotacion,
  type Dueno,
} from './pasada.ts';
import type { DependenciasDeRegistro } from './registro.ts';

export interface RegistroDeMantenimiento {
  /** Brings one codigo to what register and Temporal together know of it. Nothing is sent to the PKI. */
  conciliarUna: ConciliarUna;
  leerEnProceso(despuesDe: Posicion | null, limite: number): Promise<Posicion[]>;
  leerDuenos(codigos: string[]): Promise<Map<string, Dueno>>;
  leerCandados(): Promise<Candados>;
  leerTestigo(): Promise<string | null>;
  tieneAnotacion(id: string): Promise<boolean>;
  /** Answers within the database's own time limits, or throws. */
  comprobar(): Promise<void>;
}

export function createRegistroDeMantenimiento({
  db,
  claves,
  motor,
}: DependenciasDeRegistro): RegistroDeMantenimiento {
  return {
    conciliarUna: createConciliarUna(db, claves, motor),
    leerEnProceso: (despuesDe, limite) => leerEnProceso(db, despuesDe, limite),
    leerDuenos: (codigos) => leerDuenos(db, codigos),
    leerCandados: () => leerCandados(db),
    leerTestigo: () => leerTestigo(db),
    tieneAnotacion: (id) => tieneAnotacion(db, id),
    async comprobar() {
      await sql`select 1`.execute(db);
    },
  };
}
