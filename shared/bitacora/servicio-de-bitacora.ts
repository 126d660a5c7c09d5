/** Keeps the log in order while a worker runs: sequences what is new, and has the witnesses see it. */
import { setTimeout as pausa } from 'node:timers/promises';
import { AvisoDeSalud } from '../runtime/health-server.ts';
import type { Logger } from '../runtime/logger.ts';
import { adoptarDeVersionAnterior } from './adopcion.ts';
import { leerUltimoPunto } from './arbol-guardado.ts';
import { SIN_LUGAR_MAXIMO_MS, medirEspera, type Espera } from './en-espera.ts';
import { BitacoraAlterada } from './firmado.ts';
import { createMostrar, type DependenciasDeMuestra } from './mostrar.ts';
import { secuenciar } from './secuenciador.ts';
import type { Testigo } from './testigos.ts';

/** An entry can be proved this long after it was written; nobody waits for it. */
const INTERVALO_MS = 1_000;
/** Rest after a failure, and for a witness that contradicts. */
const TRAS_FALLA_MS = 10_000;

export interface DependenciasDeServicio extends DependenciasDeMuestra {
  testigos: readonly Testigo[];
}

export interface ServicioDeBitacora {
  /** @throws AvisoDeSalud where the log is not signed any more, or entries wait too long: issuances go on meanwhile */
  comprobar(): Promise<void>;
  /** Ends what is under way, and stops. */
  detener(): Promise<void>;
}

/** How the log stands, as the last look at it found it. */
interface Situacion {
  alteracion: BitacoraAlterada | null;
  espera: Espera;
}

export function startServicioDeBitacora(dependencias: DependenciasDeServicio): ServicioDeBitacora {
  const parada = new AbortController();
  const situacion: Situacion = { alteracion: null, espera: { pendientes: 0, sinSello: 0, edadMs: 0 } };
  const fin = mantener(dependencias, situacion, parada.signal);
  return {
    comprobar: () => {
      const motivo = motivoDe(situacion);
      return motivo === null ? Promise.resolve() : Promise.reject(new AvisoDeSalud(motivo));
    },
    async detener() {
      parada.abort();
      await fin;
    },
  };
}

/** Anybody may read it: what exactly was found is in the log of the process. */
function motivoDe({ alteracion, espera }: Situacion): string | null {
  if (alteracion)
    return 'La bitácora no se firma: lo que la base de datos guarda de ella no es lo que se firmó. Las emisiones siguen y sus entradas esperan (docs/operacion.md, «Bitácora»).';
  if (espera.edadMs > SIN_LUGAR_MAXIMO_MS)
    return `Hay entradas de la bitácora sin lugar en el árbol desde hace más de ${SIN_LUGAR_MAXIMO_MS / 60_000} minutos (docs/operacion.md, «Bitácora»).`;
  return null;
}

async function mantener(
  dependencias: DependenciasDeServicio,
  situacion: Situacion,
  parada: AbortSignal,
): Promise<void> {
  const { testigos, metricas, db, logger } = dependencias;
  const vigilantes = testigos.map((testigo) => ({
    mostrar: createMostrar(dependencias, testigo),
    alFallar: avisarUnaVez(logger, `the witness ${testigo.nombre} of the audit log does not answer`),
  }));
  // What a restored register lacks, its witnesses have seen: they are asked before it grows in another direction.
  const vistas = await Promise.all(
    vigilantes.map(({ mostrar, alFallar }) =>
      mostrar().catch((error: unknown) => {
        alFallar(error);
        return false;
      }),
    ),
  );
  if (vistas.includes(true))
    await adoptarDeVersionAnterior(dependencias).catch(
      avisarUnaVez(logger, 'the entries of the version before are not adopted'),
    );
  const alFallar = avisarUnaVez(logger, 'the audit log is not sequenced; it is tried again');
  const lote = async () => {
    const punto = await secuenciar(dependencias).finally(async () => {
      situacion.espera = await medirEspera(db);
      metricas.pendientes.set(situacion.espera.pendientes);
      metricas.sinSello.set(situacion.espera.sinSello);
      metricas.espera.set(situacion.espera.edadMs / 1_000);
    });
    const ultimo = punto ?? (await leerUltimoPunto(db));
    if (ultimo) metricas.tamano.set(ultimo.tamano);
    if (ultimo) metricas.epoca.set(ultimo.epoca);
    anotarAlteracion(null);
    return punto !== null && situacion.espera.pendientes > situacion.espera.sinSello ? 0 : INTERVALO_MS;
  };
  const anotarAlteracion = (alteracion: BitacoraAlterada | null) => {
    situacion.alteracion = alteracion;
    metricas.detenida.set(alteracion ? 1 : 0);
  };
  await Promise.all([
    repetir(lote, parada, (error) => {
      if (error instanceof BitacoraAlterada) anotarAlteracion(error);
      alFallar(error);
    }),
    ...vigilantes.map((vigilante) =>
      repetir(
        async () => ((await vigilante.mostrar()) ? INTERVALO_MS : TRAS_FALLA_MS),
        parada,
        vigilante.alFallar,
      ),
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

/** The first failure of a kind is told, a tampered log as an error; what follows is there for who looks closer. */
function avisarUnaVez(logger: Logger, mensaje: string) {
  let ultimo: string | undefined;
  return (error: unknown): void => {
    const esteFallo = error instanceof Error ? error.message : String(error);
    const nivel = error instanceof BitacoraAlterada ? 'error' : 'warn';
    logger[esteFallo === ultimo ? 'debug' : nivel]({ err: error }, mensaje);
    ultimo = esteFallo;
  };
}
