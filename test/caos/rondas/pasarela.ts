/**
 * Rounds in which a gateway before the adapter speaks in its place, at each moment of a call: nothing of it is the adapter's
 * own word, so nothing of it settles anything.
 */
import { GATEWAY_ACTS, type GatewayAct, type GatewayMoment } from '../../../simulator/pki/faults/gateway.ts';
import type { Momento } from '../puertas/puertas-de-la-pki.ts';
import type { Punto } from '../puntos.ts';
import type { Ronda } from './ronda.ts';

/** Where a call is held, and when the gateway then answers it. */
const MOMENTOS = [
  { nombre: 'in place of the work', punto: 'durante', momento: 'ANTES', when: 'ANTES' },
  { nombre: 'while the work is done', punto: 'durante', momento: 'ANTES', when: 'MIENTRAS' },
  { nombre: 'after the work', punto: 'hecho', momento: 'DESPUES', when: 'DESPUES' },
] as const satisfies { nombre: string; punto: string; momento: Momento; when: GatewayMoment }[];

/** Both steps are struck in each. */
export function rondasDePasarela(idempotente: boolean): Ronda[] {
  return GATEWAY_ACTS.flatMap((act) => MOMENTOS.map((momento) => rondaDePasarela(act, momento, idempotente)));
}

function rondaDePasarela(
  act: GatewayAct,
  { nombre, punto, momento, when }: (typeof MOMENTOS)[number],
  idempotente: boolean,
): Ronda {
  const deStep2: Punto = `${punto}-2`;
  return {
    nombre: `gateway ${act} ${nombre}`,
    puntos: [`${punto}-1`, deStep2],
    conRivales: true,
    acto({ puertasDeLaPki, cuenta }, casos) {
      for (const caso of casos) {
        cuenta.actos += 1;
        puertasDeLaPki.abrir(caso.codigo, caso.punto === deStep2 ? 2 : 1, momento, { act, when });
      }
      return Promise.resolve();
    },
    // What an adapter does not repeat is never sent twice.
    finales: (donde) => (!idempotente && donde === deStep2 ? ['FALLIDO'] : ['COMPLETADO']),
  };
}
