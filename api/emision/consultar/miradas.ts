/**
 * Which rows in process a GET has Temporal asked about: those that may be a dead run's, and of these only so many a second
 * (ADR 49). All others are answered as the register holds them.
 */
import { FILA_RECIENTE_MS, MIRADAS_POR_SEGUNDO } from '../../../shared/emision/plazos.ts';
import type { EmisionRegistrada } from '../../../shared/registro/emision/registro.ts';

export interface Miradas {
  /** Takes one of the looks of this second, where the run of this row may be dead. @returns whether Temporal is to be asked */
  tomar(emision: EmisionRegistrada): boolean;
  /** Temporal named an open run of the codigo. */
  vive(codigo: string): void;
}

/** @param ahora milliseconds since the epoch, as the dates of rows */
export function createMiradas(ahora: () => number): Miradas {
  /** When the run of each codigo was last seen alive, the oldest first. */
  const vistas = new Map<string, number>();
  let segundo = -Infinity;
  let gastadas = 0;

  return {
    tomar(emision) {
      const ms = ahora();
      if (esReciente(ultimaEscritura(emision), ms) || esReciente(vistas.get(emision.codigo), ms))
        return false;
      const esteSegundo = Math.floor(ms / 1_000);
      if (esteSegundo !== segundo) [segundo, gastadas] = [esteSegundo, 0];
      if (gastadas >= MIRADAS_POR_SEGUNDO) return false;
      gastadas++;
      return true;
    },
    vive(codigo) {
      const ms = ahora();
      for (const [otro, desde] of vistas) {
        if (esReciente(desde, ms)) break;
        vistas.delete(otro);
      }
      vistas.delete(codigo);
      vistas.set(codigo, ms);
    },
  };
}

/** Neither long ago nor, by a clock that was set back, yet to come. */
function esReciente(momento: number | undefined, ms: number): boolean {
  return momento !== undefined && Math.abs(ms - momento) < FILA_RECIENTE_MS;
}

/** When its run last began or ended a step. Attempts in between are not dated: one that repeats is looked at. */
function ultimaEscritura({ pasos }: EmisionRegistrada): number {
  const fechas = [pasos[1].fecha_inicio, pasos[1].fecha_fin, pasos[2].fecha_inicio];
  return Math.max(...fechas.map((fecha) => fecha?.getTime() ?? -Infinity));
}
