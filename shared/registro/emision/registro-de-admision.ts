/** What the API asks of the register before it lets an issuance in, or has a client wait for one. */
export type { PasosEnDescanso } from './circuitos.ts';
import { leerDuenos } from './conciliacion/lecturas-de-conciliacion.ts';
import { leerCircuitos, pasosEnDescanso, type PasosEnDescanso } from './circuitos.ts';
import type { Db } from './filas/esquema.ts';
import { contarEnProceso } from './soporte/listado.ts';

export interface RecuentoDelRegistro {
  /** EN_PROCESO, by client. */
  porCliente: ReadonlyMap<string | null, number>;
  /** The run that owns the row of each of the codigos that has one; read before porCliente, so that none is in neither. */
  duenos: ReadonlyMap<string, string>;
}

export interface RegistroDeAdmision {
  contar(codigos: string[]): Promise<RecuentoDelRegistro>;
  leerPasosEnDescanso(): Promise<PasosEnDescanso>;
}

export function createRegistroDeAdmision(db: Db): RegistroDeAdmision {
  return {
    async contar(codigos) {
      const duenos = await leerDuenos(db, codigos);
      return {
        duenos: new Map([...duenos].map(([codigo, { runId }]) => [codigo, runId])),
        porCliente: await contarEnProceso(db),
      };
    },
    leerPasosEnDescanso: async () => pasosEnDescanso(await leerCircuitos(db)),
  };
}
