/** The matrix: every part and every act, at every point, with both kinds of adapter. */
import { rondaDeMuerte, rondaDeParada } from './muertes.ts';
import { rondasDeFalsario } from './falsario.ts';
import { ACTOS, rondaDeOperador, type NombreDeActo } from './operadores.ts';
import { rondasDePasarela } from './pasarela.ts';
import { RESTAURACIONES, type Restauracion } from './restauraciones.ts';
import { jugarRonda, type Ronda } from './ronda.ts';
import { PARTES } from '../sistema.ts';

/** What one system plays; each of `rondas` brings many cases. */
interface Grupo {
  nombre: string;
  /** The adapter repeats its answers under one key. */
  idempotente: boolean;
  rondas: Jugada[];
}

type Jugada = Restauracion;

export function planDeMatriz(): Grupo[] {
  return [true, false].flatMap((idempotente) => {
    const nombre = idempotente ? 'repeats' : 'does not repeat';
    const rondas = [
      ...PARTES.map((parte) => rondaDeMuerte(parte, idempotente)),
      ...(Object.keys(ACTOS) as NombreDeActo[]).map((acto) => rondaDeOperador(acto, idempotente)),
      ...(['worker', 'api', 'simulador', 'temporal'] as const).map((parte) =>
        rondaDeParada(parte, idempotente),
      ),
      ...rondasDePasarela(idempotente),
      ...rondasDeFalsario(idempotente),
    ];
    return [
      { nombre, idempotente, rondas: rondas.map(jugada) },
      { nombre, idempotente, rondas: [...RESTAURACIONES] },
    ];
  });
}

function jugada(ronda: Ronda): Jugada {
  return {
    nombre: ronda.nombre,
    jugar: (sistema, titulo) => jugarRonda(sistema, { ...ronda, nombre: titulo }),
  };
}

/** The most telling of them, for every change: a minute. */
export const RONDAS_CORTAS: readonly string[] = [
  'repeats: kill worker',
  'repeats: kill postgres',
  'repeats: terminate',
  'repeats: reset to the start',
  'repeats: gateway 404 after the work',
  'repeats: forged completion in clear',
  'does not repeat: kill worker',
  'does not repeat: gateway UPSTREAM after the work',
  'does not repeat: forged failure in clear',
];
