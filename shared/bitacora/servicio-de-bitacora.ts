/** Keeps the log in order while a worker runs: sequences what is new, and has the witnesses see it. */
import { setTimeout as pausa } from 'node:timers/promises';
import type { Logger } from '../runtime/logger.ts';
import { leerUltimoPunto } from './arbol-guardado.ts';
import { createMostrar, type DependenciasDeMuestra } from './mostrar.ts';
import { secuenciar, type Dependencias } from './secuenciador.ts';
import type { Testigo } from './testigos.ts';

/** An entry can be proved this long after it was written; nobody waits for it. */
const INTERVALO_MS = 1_000;
/** Rest after a failure, and for a witness that contradicts. */
const TRAS_FALLA_MS = 10_000;

export interface DependenciasDeServicio extends DependenciasDeMuestra {
  testigos: readonly Testigo[];
}

export interface ServicioDeBitacora {
  /** Ends what is under way, and stops. */
  detener(): Promise<void>;
}

export function startServicioDeBitacora(dependencias: DependenciasDeServicio): ServicioDeBitacora {
  const parada = new AbortController();
  const fin = mantener(dependencias, parada.signal);
  return {
    async detener() {
      parada.abort();
      await fin;
    },
  };
}

async function mantener(dependencias: DependenciasDeServicio, parada: AbortSignal): Promise<void> {
  const { testigos, metricas, db, logger } = dependencias;
  const vigilantes = testigos.map((testigo) => ({
    mostrar: createMostrar(dependencias, testigo),
    alFallar: avisarUnaVez(logger, `the witness ${testigo.nombre} of the audit log does not answer`),
  }));
  // What a restored register lacks, its witnesses have seen: they are asked before it grows in another direction.
  await Promise.all(vigilantes.map(({ mostrar, alFallar }) => mostrar().catch(alFallar)));
  const lote = async () => {
    const punto = await secuenciar(dependencias);
    const pendientes = await contarPendientes(dependencias);
    metricas.pendientes.set(pendientes);
    const ultimo = punto ?? (await leerUltimoPunto(db));
    if (ultimo) metricas.tamano.set(ultimo.tamano);
    if (ultimo) metricas.epoca.set(ultimo.epoca);
    return punto !== null && pendientes > 0 ? 0 : INTERVALO_MS;
  };
  await Promise.all([
    repetir(lote, parada, avisarUnaVez(logger, 'the audit log is not sequenced; it is tried again')),
    ...vigilantes.map(({ mostrar, alFallar }) =>
      repetir(async () => ((await mostrar()) ? INTERVALO_MS : TRAS_FALLA_MS), parada, alFallar),
    ),
  ]);
}

/** @param trabajo answers how long to wait before the next time, in milliseconds */
async function repetir(
  trabajo: () => Promise<number>,
  parada: AbortSignal,
  alFallar: (error: unknown) => void,
): Promise<void> {
  while (!parada.aborted) {
    const espera = await trabajo().catch((error: unknown) => {
      alFallar(error);
      return TRAS_FALLA_MS;
    });
    await pausa(espera, undefined, { signal: parada }).catch(() => undefined);
  }
}

/** The first failure of a kind is told as a warning, what follows is there for who looks closer. */
function avisarUnaVez(logger: Logger, mensaje: string) {
  let ultimo: string | undefined;
  return (error: unknown): void => {
    const esteFallo = error instanceof Error ? error.message : String(error);
    logger[esteFallo === ultimo ? 'debug' : 'warn']({ err: error }, mensaje);
    ultimo = esteFallo;
  };
}

async function contarPendientes({ db }: Dependencias): Promise<number> {
  const { pendientes } = await db
    .selectFrom('bitacora')
    .select(({ fn }) => fn.countAll().as('pendientes'))
    .where('indice', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(pendientes);
}
