/**
 * Reconciles the register with Temporal. An issuance whose run is closed or gone without an outcome is closed here as
 * failed: it is uncertain, and keeps the lock, where a send of step 2 is still unclear; else it loses it. One whose row is
 * missing or behind what Temporal's closed runs tell is made again from them. The PKI is never called.
 */
import type { Accion } from '../../../emision/mantenimiento.ts';
import {
  HistoriaIlegible,
  type HistoriaDeRun,
  type MotorEmision,
  type PaginaDeRuns,
  type RunDescrita,
} from '../../../motor/emision/motor.ts';
import type { Claves } from '../../../runtime/claves/claves.ts';
import type { GuardaDeTemporal } from '../../base/temporal-del-registro.ts';
import { haAnotado } from '../filas/anotaciones.ts';
import { interrumpirEmision } from '../filas/desenlace.ts';
import { leerEmision, type EmisionRegistrada } from '../filas/filas.ts';
import { leerRespuestaQueAclara } from '../filas/respuestas-guardadas.ts';
import { restriccionRota } from '../filas/restricciones.ts';
import { dejoRastro, reconstruirDe } from './historias.ts';
import { escribirReconstruccion, traeNovedad } from './reconstruccion.ts';
import type { Db, Tx } from '../filas/esquema.ts';

/** @returns the issuance as it stands afterwards; null where there is none */
export type Conciliar = (codigo: string) => Promise<EmisionRegistrada | null>;

/** What reconciling did, and why it could not settle the codigo, where it could not (Spanish, no personal data). */
interface Conciliacion {
  emision: EmisionRegistrada | null;
  accion: Accion;
  pendiente: string | null;
}

export interface Conciliaciones {
  /** For a codigo that the register knows; for another it answers null and does not ask Temporal. */
  conciliar: Conciliar;
  /** For any codigo. @throws SinConciliar where Temporal knows of an issuance that cannot be made again now */
  restaurar: Conciliar;
  /** As restaurar; it says what was done, and does not throw. */
  conciliarUna: (codigo: string) => Promise<Conciliacion>;
  /**
   * For the open run of a codigo, before it takes the row: brings into the row what the closed runs did and it does not
   * hold.
   */
  ponerAlDia: (codigo: string, runId: string) => Promise<Conciliacion>;
}

interface DependenciasDeConciliacion {
  db: Db;
  claves: Claves;
  motor: MotorEmision;
  guarda: Pick<GuardaDeTemporal, 'exigirVigente'>;
}

/**
 * The most closed runs of one codigo that are read in search of what the register does not hold. Each run of this service
 * leaves an entry, which ends the search; where there are more without one, somebody else started them.
 */
const EJECUCIONES_MAX = 1_000;

class DemasiadasEjecuciones extends Error {
  constructor() {
    super(`Temporal holds more than ${EJECUCIONES_MAX} closed runs of this codigo`);
    this.name = 'DemasiadasEjecuciones';
  }
}

/**
 * Temporal knows of an issuance that the register lost, and that cannot be made again as long as what the message says
 * holds.
 */
export class SinConciliar extends Error {
  constructor(motivo: string) {
    super(motivo);
    this.name = 'SinConciliar';
  }
}

export function createConciliaciones({
  db,
  claves,
  motor,
  guarda,
}: DependenciasDeConciliacion): Conciliaciones {
  const leer = (codigo: string) => leerEmision(db, claves.cifrado, codigo);

  const conciliarFila = async (codigo: string, fila: EmisionRegistrada | null): Promise<Conciliacion> => {
    if (fila?.estado === 'COMPLETADO') return sinCambio(fila);
    const run = await motor.describir(codigo);
    if (run?.abierta) return sinCambio(fila);
    if (fila?.estado === 'FALLIDO' && (!run || run.runId === fila.runId)) return sinCambio(fila);
    return conHistorias(codigo, fila, run);
  };

  /** Where the codigo has an open run, what is under way is not closed. */
  const conHistorias = async (
    codigo: string,
    fila: EmisionRegistrada | null,
    run: RunDescrita | null,
  ): Promise<Conciliacion> => {
    try {
      const historias = run ? await leerNovedades(codigo, fila, run) : [];
      return await db
        .transaction()
        .execute((tx) => asentar(tx, codigo, fila, historias, run?.abierta === true));
    } catch (error) {
      // Its run, or another that reconciles it, wrote the row at the same moment.
      if (restriccionRota(error) === 'CODIGO') return sinCambio(await leer(codigo));
      const pendiente = motivoPendiente(error);
      if (pendiente === null) throw error;
      return { emision: await leer(codigo), accion: 'NINGUNA', pendiente };
    }
  };

  /** Closed runs of which the register has not heard, from the first to the last. */
  const leerNovedades = async (
    codigo: string,
    fila: EmisionRegistrada | null,
    run: RunDescrita,
  ): Promise<HistoriaDeRun[]> => {
    const novedades: HistoriaDeRun[] = [];
    for await (const runId of cerradasDe(codigo, run)) {
      const esDueno = fila?.runId === runId;
      if (esDueno && fila.estado !== 'EN_PROCESO') break;
      // The row went on from this run to another: it is ahead of this Temporal, which may be an older copy.
      if (fila && !esDueno && (await haAnotado(db, codigo, runId))) break;
      const historia = await motor.leerHistoria(codigo, runId);
      if (historia) novedades.unshift(historia);
      if (esDueno) break;
    }
    return novedades;
  };

  /** Each once, from the last to the first, as far as the reader goes. @throws DemasiadasEjecuciones */
  async function* cerradasDe(codigo: string, run: RunDescrita): AsyncGenerator<string> {
    const vistas = new Set<string>();
    // The last one may have closed a moment ago: the list does not show it yet.
    let pagina: PaginaDeRuns = { runIds: run.abierta ? [] : [run.runId], siguiente: null };
    let esLaUltima = false;
    for (;;) {
      for (const runId of pagina.runIds) if (!vistas.has(runId)) yield runId;
      for (const runId of pagina.runIds) vistas.add(runId);
      if (esLaUltima) return;
      if (vistas.size > EJECUCIONES_MAX) throw new DemasiadasEjecuciones();
      pagina = await motor.cerradas(codigo, pagina.siguiente);
      esLaUltima = pagina.siguiente === null;
    }
  }

  const asentar = async (
    tx: Tx,
    codigo: string,
    antes: EmisionRegistrada | null,
    historias: HistoriaDeRun[],
    hayAbierta: boolean,
  ): Promise<Conciliacion> => {
    await guarda.exigirVigente(tx);
    const ahora = await leerEmision(tx, claves.cifrado, codigo, true);
    // Somebody took the turn or recorded an outcome while Temporal was asked: what they wrote stands.
    if (ahora?.runId !== antes?.runId || ahora?.estado !== antes?.estado) return sinCambio(ahora);
    const conRastro = historias.filter(dejoRastro);
    // Accepted, and cut short before it did anything: only its input is left of it.
    const cortadas = ahora || hayAbierta ? [] : historias.filter(({ fin }) => fin.tipo === 'SIN_DESENLACE');
    const guardada = ahora && (await leerRespuestaQueAclara(tx, claves, ahora));
    const reconstruccion = reconstruirDe(ahora, guardada, conRastro.length > 0 ? conRastro : cortadas);
    if (reconstruccion && (await traeNovedad(tx, claves, ahora, reconstruccion))) {
      await escribirReconstruccion(tx, claves, ahora, reconstruccion);
      return {
        emision: await leerEmision(tx, claves.cifrado, codigo),
        accion: 'RECONSTRUIDA',
        pendiente: null,
      };
    }
    if (hayAbierta || ahora?.estado !== 'EN_PROCESO') return sinCambio(ahora);
    await interrumpirEmision(tx, claves, ahora);
    return {
      emision: await leerEmision(tx, claves.cifrado, codigo),
      accion: 'INTERRUMPIDA',
      pendiente: null,
    };
  };

  const conciliarUna = async (codigo: string) => conciliarFila(codigo, await leer(codigo));
  return {
    conciliarUna,
    async conciliar(codigo) {
      const fila = await leer(codigo);
      return fila && (await conciliarFila(codigo, fila)).emision;
    },
    async restaurar(codigo) {
      const { emision, pendiente } = await conciliarUna(codigo);
      if (emision === null && pendiente !== null) throw new SinConciliar(pendiente);
      return emision;
    },
    async ponerAlDia(codigo, runId) {
      const fila = await leer(codigo);
      if (fila?.estado === 'COMPLETADO') return sinCambio(fila);
      const run = await motor.describir(codigo);
      return run?.abierta && run.runId === runId ? conHistorias(codigo, fila, run) : sinCambio(fila);
    },
  };
}

function sinCambio(emision: EmisionRegistrada | null): Conciliacion {
  return { emision, accion: 'NINGUNA', pendiente: null };
}

/** What keeps an issuance from being made again, and what support does. @returns null where the error is of another kind */
function motivoPendiente(error: unknown): string | null {
  if (error instanceof HistoriaIlegible)
    return 'La historia de su ejecución en Temporal no se puede leer: devuelva a CLAVES_CIFRADO la clave con que se cifró.';
  if (error instanceof DemasiadasEjecuciones)
    return `Temporal guarda más de ${EJECUCIONES_MAX} ejecuciones cerradas con su identificador, que este servicio no inició: bórrelas (temporal workflow delete) y vuelva a conciliar.`;
  const rota = restriccionRota(error);
  if (rota === 'CIUDADANO')
    return 'Es incierta, y otra solicitud del mismo ciudadano tiene ya su candado: se reconstruye cuando esa otra termine o se resuelva.';
  if (rota === 'SERIE' || rota === 'CLAVE_PUBLICA')
    return 'Temporal la tiene por completada con un certificado cuya serie o clave ya tiene otra solicitud: consulte a la PKI cuál es la suya.';
  return null;
}
