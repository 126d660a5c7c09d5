/** What the workers tell each other of the circuits of the PKI. */
import type { Paso } from '../../emision/contrato.ts';
import { CIRCUITOS_CONOCIDOS_MS } from '../../emision/plazos.ts';
import {
  anotarCircuitos,
  leerCircuitos,
  pasosSinRespuesta,
  retirarCircuitos,
  type CircuitoDeTrabajador,
} from './circuitos.ts';
import type { Db } from './filas/esquema.ts';

export type { CircuitoDeTrabajador } from './circuitos.ts';

export interface RegistroDeCircuitos {
  /** Those of one worker, over what it told before. */
  anotar(circuitos: readonly CircuitoDeTrabajador[]): Promise<void>;
  /** What a worker told counts no more; the next that starts still learns of it. */
  retirar(trabajador: string): Promise<void>;
  /** Of the workers that have told lately. */
  leer(): Promise<CircuitoDeTrabajador[]>;
  /**
   * For a worker that starts: the steps of which none that told lately, or before it stopped, says that the PKI answers, each
   * with the least that is left of their rests, in milliseconds.
   */
  leerPasosSinRespuesta(): Promise<ReadonlyMap<Paso, number>>;
}

export function createRegistroDeCircuitos(db: Db): RegistroDeCircuitos {
  return {
    anotar: (circuitos) => anotarCircuitos(db, circuitos),
    retirar: (trabajador) => retirarCircuitos(db, trabajador),
    leer: () => leerCircuitos(db),
    leerPasosSinRespuesta: async () => pasosSinRespuesta(await leerCircuitos(db, CIRCUITOS_CONOCIDOS_MS)),
  };
}
