/** Keeps the log in order while a worker runs: sequences what is new, and has the witnesses see it. */
import { setTimeout as pausa } from 'node:timers/promises';
import { AvisoDeSalud } from '../runtime/health-server.ts';
import type { Logger } from '../runtime/logger.ts';
import { adoptarDeVersionAnterior } from './secuencia/adopcion.ts';
import { leerUltimoPunto } from './arbol/arbol-guardado.ts';
import { SIN_LUGAR_MAXIMO_MS, medirEspera, type EsperaDeEntradas } from './secuencia/en-espera.ts';
import { BitacoraAlterada } from './punto-de-control/firmado.ts';
import { createPresentador, type DependenciasDePresentacion } from './secuencia/presentacion-a-testigos.ts';
import { secuenciarLote } from './secuencia/secuenciador.ts';
import { TestigoMalPuesto, type Testigo } from './punto-de-control/testigos.ts';

/** An entry can be proved this long after it was written; nobody waits for it. */
const INTERVALO_MS = 1_000;
/** Rest after a failure, and for a witness that contradicts. */
const TRAS_FALLA_MS = 10_000;

/** A worker holds the lock for some tens of milliseconds: whoever holds it for so long is no worker. */
const CANDADO_MAXIMO_MS = 30_000;

export interface DependenciasDeServicio extends DependenciasDePresentacion {
  testigos: readonly Testigo[];
}

export interface ServicioDeBitacora {
  /** @throws AvisoDeSalud where the log is not signed any more, or entries wait too long: issuances go on meanwhile */
  comprobar(): Promise<void>;
  /** Ends what is under way, and stops. */
  detener(): Promise<void>;
}

/** How the log stands, as the last look at it found it. Moments are Date.now(). */
interface EstadoDeLaBitacora {
  alteracion: BitacoraAlterada | null;
  espera: EsperaDeEntradas;
  /** Since when somebody else has held the lock, and nothing was signed. */
  retenidaDesde: number | null;
  /** By the witness's name: since when it has not held the newest checkpoint, and what is wrong with it. */
  testigos: Map<string, { sinVerDesde: number; malPuesto: string | null }>;
}

export function startServicioDeBitacora(dependencias: DependenciasDeServicio): ServicioDeBitacora {
  const parada = new AbortController();
  const estado: EstadoDeLaBitacora = {
    alteracion: null,
    espera: { pendientes: 0, sinSello: 0, edadMs: 0 },
    retenidaDesde: null,
    testigos: new Map(),
  };
  const fin = mantener(dependencias, estado, parada.signal);
  return {
    comprobar: () => {
      const motivo = motivoDe(estado);
      return motivo === null ? Promise.resolve() : Promise.reject(new AvisoDeSalud(motivo));
    },
    async detener() {
      parada.abort();
      await fin;
    },
  };
}

/** Anybody may read it: what exactly was found is in the log of the process. */
function motivoDe({ alteracion, espera, retenidaDesde, testigos }: EstadoDeLaBitacora): string | null {
  if (alteracion)
    return 'La bitácora no se firma: lo que la base de datos guarda de ella no es lo que se firmó. Las emisiones siguen y sus entradas esperan (docs/operacion.md, «Bitácora»).';
  if (espera.edadMs > SIN_LUGAR_MAXIMO_MS)
    return `Hay entradas de la bitácora sin lugar en el árbol desde hace más de ${SIN_LUGAR_MAXIMO_MS / 60_000} minutos (docs/operacion.md, «Bitácora»).`;
  if (desde(retenidaDesde) > CANDADO_MAXIMO_MS)
    return `Alguien retiene el candado de la bitácora desde hace más de ${CANDADO_MAXIMO_MS / 1_000} segundos y nada se firma: mire pg_locks (docs/operacion.md, «Bitácora»).`;
  for (const { malPuesto, sinVerDesde } of testigos.values()) {
    if (malPuesto !== null) return malPuesto;
    if (desde(sinVerDesde) > SIN_LUGAR_MAXIMO_MS)
      return `Un testigo no guarda lo último de la bitácora desde hace más de ${SIN_LUGAR_MAXIMO_MS / 60_000} minutos: no responde, o la contradice (docs/operacion.md, «Bitácora»).`;
  }
  return null;
}

/** @returns milliseconds; 0 where it has not begun */
function desde(momento: number | null): number {
  return momento === null ? 0 : Math.max(0, Date.now() - momento);
}

async function mantener(
  dependencias: DependenciasDeServicio,
  estado: EstadoDeLaBitacora,
  parada: AbortSignal,
): Promise<void> {
  const { testigos, metricas, db, logger } = dependencias;
  const vigilantes = testigos.map((testigo) => {
    const mostrar = createPresentador(dependencias, testigo);
    const avisar = avisarUnaVez(logger, `the witness ${testigo.nombre} of the audit log does not answer`);
    const inicio = { sinVerDesde: Date.now(), malPuesto: null };
    estado.testigos.set(testigo.nombre, inicio);
    const anotarEstado = (loVio: boolean, malPuesto: string | null) => {
      const { sinVerDesde = Date.now() } = estado.testigos.get(testigo.nombre) ?? {};
      if (loVio) estado.testigos.delete(testigo.nombre);
      else estado.testigos.set(testigo.nombre, { sinVerDesde, malPuesto });
      metricas.sinVer.set({ testigo: testigo.nombre }, loVio ? 0 : desde(sinVerDesde) / 1_000);
    };
    return {
      mostrar: async () => {
        const loVio = await mostrar();
        anotarEstado(loVio, null);
        return loVio;
      },
      alFallar: (error: unknown) => {
        anotarEstado(false, error instanceof TestigoMalPuesto ? error.motivo : null);
        avisar(error);
      },
    };
  });
  // The witnesses have seen what a restored register lacks: they are asked before it grows in another direction.
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
  const alRetenerse = avisarUnaVez(logger, 'the audit log is not sequenced; it is tried again');
  let ultimaNota: string | undefined;
  const anotarCandado = (
    resultado: Awaited<ReturnType<typeof secuenciarLote>>,
    firmado: string | undefined,
  ) => {
    // Another worker that has the lock signs something: only where nothing is signed is somebody withholding it.
    if (resultado !== 'OCUPADA' || firmado !== ultimaNota) estado.retenidaDesde = null;
    else estado.retenidaDesde ??= Date.now();
    ultimaNota = firmado;
    metricas.retenida.set(desde(estado.retenidaDesde) / 1_000);
    if (desde(estado.retenidaDesde) > CANDADO_MAXIMO_MS)
      alRetenerse(new Error('somebody holds the lock of the audit log: nothing is signed'));
  };
  const lote = async () => {
    const resultado = await secuenciarLote(dependencias).finally(async () => {
      estado.espera = await medirEspera(db);
      metricas.pendientes.set(estado.espera.pendientes);
      metricas.sinSello.set(estado.espera.sinSello);
      metricas.espera.set(estado.espera.edadMs / 1_000);
    });
    const punto = typeof resultado === 'string' ? null : resultado;
    const ultimo = punto ?? (await leerUltimoPunto(db));
    anotarCandado(resultado, ultimo?.nota);
    if (ultimo) metricas.tamano.set(ultimo.tamano);
    if (ultimo) metricas.epoca.set(ultimo.epoca);
    anotarAlteracion(null);
    return punto !== null && estado.espera.pendientes > estado.espera.sinSello ? 0 : INTERVALO_MS;
  };
  const anotarAlteracion = (alteracion: BitacoraAlterada | null) => {
    estado.alteracion = alteracion;
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

/** Warns of the first failure of a kind, of a tampered log as an error; its repetitions are logged for debugging only. */
function avisarUnaVez(logger: Logger, mensaje: string) {
  let ultimo: string | undefined;
  return (error: unknown): void => {
    const esteFallo = error instanceof Error ? error.message : String(error);
    const nivel = error instanceof BitacoraAlterada ? 'error' : 'warn';
    logger[esteFallo === ultimo ? 'debug' : nivel]({ err: error }, mensaje);
    ultimo = esteFallo;
  };
}
