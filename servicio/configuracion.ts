/** What a process of the service reads of the environment: all faults of it are told at once. */
import { revisarClaves } from '../shared/runtime/claves/claves.ts';
import {
  exigirBaseCompartida,
  leerConfiguracion,
  reunirFaltas,
  type Entorno,
} from '../shared/runtime/config.ts';
import { CLAVES, COMUN, TEMPORAL, TRAZAS } from '../shared/runtime/secciones.ts';
import type { ConfiguracionComun, Parte } from './parte.ts';

export const COMUNES = { comun: COMUN, claves: CLAVES, temporal: TEMPORAL, trazas: TRAZAS };

/**
 * Makes nothing.
 * @param porHacer variables that name what this start will make
 * @throws ConfiguracionInvalida with every fault of all that a process of these parts reads
 */
export function revisarConfiguracion(
  partes: readonly Parte[],
  entorno?: Entorno,
  porHacer?: readonly string[],
): void {
  reunirFaltas([
    () => leerConfiguracion(COMUNES, entorno),
    () => {
      revisarClaves(entorno);
    },
    () => {
      // One process of all parts has the register to itself.
      if (partes.length === 1) exigirBaseCompartida(entorno);
    },
    ...partes.map((parte) => () => {
      parte.revisar(entorno, porHacer);
    }),
  ]);
}

/** @throws ConfiguracionInvalida */
export function leerConfiguracionComun(): ConfiguracionComun {
  return leerConfiguracion(COMUNES);
}
