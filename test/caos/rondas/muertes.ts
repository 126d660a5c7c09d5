/** Rounds in which a part is killed with -9, or stopped past every timeout and woken. */
import { setTimeout as pause } from 'node:timers/promises';
import { haAcabado, pudoEnviarPaso2, PUNTOS } from '../puntos.ts';
import { abrirTodas, acusar, despertarATodos, type Caso, type Ronda } from './ronda.ts';
import type { Parte, ParteDetenible, Sistema } from '../sistema.ts';

/** Between a death and the new start. */
const MOMENTO_MS = 500;

export function rondaDeMuerte(parte: Parte, idempotente: boolean): Ronda {
  return {
    nombre: `kill ${parte}`,
    puntos: PUNTOS,
    conRivales: true,
    async acto(sistema, casos) {
      await sistema.matar(parte);
      despertarSalvo(sistema, casos, parte);
      // What the dead one had asked for goes on without it; the register's gates lie in PostgreSQL itself.
      if (parte !== 'postgres') await abrirTodas(sistema, casos);
      await pause(MOMENTO_MS);
      await sistema.arrancar(parte);
    },
    finales: finalesDe(idempotente),
  };
}

/** Longer than the attempt's timeout, the worker's beat and any wait for another part. */
const MAS_QUE_TODO_PLAZO_MS = 30_000;

/** So long may another worker need to take over all that a stopped one held. */
const RELEVO_MS = 60_000;

export function rondaDeParada(parte: ParteDetenible, idempotente: boolean): Ronda {
  return {
    nombre: `stop ${parte}`,
    // Beyond the outcome another part stands still already.
    puntos: PUNTOS.filter((punto) => !haAcabado(punto)),
    async acto(sistema, casos) {
      sistema.detener(parte);
      await abrirTodas(sistema, casos);
      if (parte === 'worker') await relevar(sistema, casos);
      await pause(MAS_QUE_TODO_PLAZO_MS);
      sistema.despertar(parte);
      if (parte === 'worker') await sistema.stack.detener('worker2');
    },
    // While it does not answer, also what had not been sent yet may be.
    finales: (punto) =>
      !idempotente && (parte === 'simulador' || pudoEnviarPaso2(punto))
        ? ['COMPLETADO', 'FALLIDO']
        : ['COMPLETADO'],
  };
}

/** Another worker ends all that the stopped one had begun, while that one still sleeps. */
async function relevar(sistema: Sistema, casos: Caso[]): Promise<void> {
  await sistema.arrancar('worker2');
  const tarde = pause(RELEVO_MS, 'TARDE' as const, { ref: false });
  await Promise.all(
    casos.map(async (caso) => {
      if ((await Promise.race([caso.final, tarde])) === 'TARDE')
        acusar(caso, 'another worker should have ended it while the stopped one slept');
    }),
  );
}

/** An adapter that does not repeat its answers is not asked twice: an unclear send ends FALLIDO, for support. */
function finalesDe(idempotente: boolean): Ronda['finales'] {
  return (punto) => (!idempotente && pudoEnviarPaso2(punto) ? ['COMPLETADO', 'FALLIDO'] : ['COMPLETADO']);
}

function despertarSalvo(sistema: Sistema, casos: Caso[], muerta: Parte): void {
  if (muerta === 'temporal' || muerta === 'api') {
    const otra = muerta === 'api' ? 'tras-el-desenlace' : 'antes-de-responder';
    despertarATodos(
      sistema,
      casos.filter(({ punto }) => punto === otra),
    );
  } else despertarATodos(sistema, casos);
}
