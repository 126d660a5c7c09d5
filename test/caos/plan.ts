/** The matrix: every part and every act, at every point, with both kinds of adapter. */
import { rondaDeMuerte, rondaDeParada } from './muertes.ts';
import { ACTOS, rondaDeOperador, type NombreDeActo } from './operadores.ts';
import type { Ronda } from './ronda.ts';
import { PARTES } from './sistema.ts';

interface Grupo {
  nombre: string;
  /** The adapter repeats its answers under one key. */
  idempotente: boolean;
  rondas: Ronda[];
}

export function planDeMatriz(): Grupo[] {
  return [true, false].map((idempotente) => ({
    nombre: idempotente ? 'repeats' : 'does not repeat',
    idempotente,
    rondas: [
      ...PARTES.map((parte) => rondaDeMuerte(parte, idempotente)),
      ...(Object.keys(ACTOS) as NombreDeActo[]).map((acto) => rondaDeOperador(acto, idempotente)),
      ...(['worker', 'api', 'simulador', 'temporal'] as const).map((parte) =>
        rondaDeParada(parte, idempotente),
      ),
    ],
  }));
}

/** The most telling of them, for every change: a minute. */
export const RONDAS_CORTAS: readonly string[] = [
  'repeats: kill worker',
  'repeats: kill postgres',
  'repeats: terminate',
  'repeats: reset to the start',
  'does not repeat: kill worker',
];
