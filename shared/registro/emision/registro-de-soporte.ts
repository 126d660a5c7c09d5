/** What support reads of the register and writes to it. */
import type { OrdenDeReejecucion } from '../../emision/reejecucion.ts';
import type {
  FiltroDeSolicitudes,
  PorRevocar,
  Posicion,
  RecuentoDeFallidas,
  ResumenEmision,
  Seguimiento,
} from '../../emision/soporte.ts';
import { createConciliaciones } from './conciliacion/conciliacion.ts';
import {
  buscarPorCiudadano,
  contarFallidas,
  enviadasPor,
  listarFallidas,
  listarSolicitudes,
} from './soporte/listado.ts';
import { listarPorRevocar } from './filas/por-revocar.ts';
import { prepararReejecucion, type ReejecucionPreparada } from './soporte/preparacion.ts';
import { createReejecucionesRegistradas, type ReejecucionesRegistradas } from './soporte/reejecuciones.ts';
import type { DependenciasDeRegistro } from './registro.ts';
import { seguir } from './soporte/seguimiento.ts';
import { resolver, type Resolucion } from './soporte/resolucion.ts';

export interface RegistroDeSoporte extends ReejecucionesRegistradas {
  /**
   * From the newest acceptance to the oldest, behind `despuesDe`; `aceptadaEn` is told to the millisecond, as `despuesDe`
   * takes it.
   */
  listar(filtro: FiltroDeSolicitudes, despuesDe: Posicion | null, limite: number): Promise<ResumenEmision[]>;
  contarFallidas(filtro: FiltroDeSolicitudes): Promise<RecuentoDeFallidas>;
  /**
   * All issuances of one citizen, by the keyed hash of the document; newest first, at most `limite`.
   * @param cliente only those that it sent
   */
  buscarPorCiudadano(huellaCiudadano: string, limite: number, cliente?: string): Promise<ResumenEmision[]>;
  /**
   * What the request with this X-Correlation-ID led to.
   * @param limite issuances at most, newest first, and facts of each
   * @param cliente only those that it sent; undefined: all
   */
  seguir(
    correlationId: string,
    limite: { solicitudes: number; hechos: number },
    cliente: string | undefined,
  ): Promise<Seguimiento>;
  /** Which of these codigos the client sent. */
  enviadasPor(cliente: string, codigos: readonly string[]): Promise<Set<string>>;
  /** Codigos of the FALLIDO ones that match, oldest first, at most `limite`. */
  fallidas(filtro: FiltroDeSolicitudes, limite: number): Promise<string[]>;
  /**
   * Settles an uncertain outcome. Reconciles first.
   * @returns false where the register does not know the codigo
   * @throws TurnoNegado SOLICITUD_EN_PROCESO, or SOLICITUD_NO_REEJECUTABLE where it is not uncertain
   */
  resolver(codigo: string, resolucion: Resolucion): Promise<boolean>;
  /** From the newest to the oldest; `despuesDe.aceptadaEn` is here the moment of `registradaEn`, to the millisecond. */
  listarPorRevocar(despuesDe: Posicion | null, limite: number): Promise<PorRevocar[]>;
  /**
   * The input with which a codigo runs again: the stored request, under the stored X-Request-ID, office, device and
   * channel, in the name of who asks. Reconciles first; writes nothing.
   */
  prepararReejecucion(
    codigo: string,
    orden: OrdenDeReejecucion,
    reejecucionId: string | null,
  ): Promise<ReejecucionPreparada>;
}

export function createRegistroDeSoporte({
  db,
  claves,
  motor,
  guarda,
  adaptadorIdempotente,
}: DependenciasDeRegistro): RegistroDeSoporte {
  const { restaurar: conciliar } = createConciliaciones({ db, claves, motor, guarda });
  return {
    listar: (filtro, despuesDe, limite) => listarSolicitudes(db, filtro, despuesDe, limite),
    contarFallidas: (filtro) => contarFallidas(db, filtro),
    buscarPorCiudadano: (huellaCiudadano, limite, cliente) =>
      buscarPorCiudadano(db, huellaCiudadano, limite, cliente),
    seguir: (correlationId, limite, cliente) => seguir(db, correlationId, limite, cliente),
    enviadasPor: (cliente, codigos) => enviadasPor(db, cliente, codigos),
    fallidas: (filtro, limite) => listarFallidas(db, filtro, limite),
    resolver: (codigo, resolucion) => resolver({ db, claves, conciliar }, codigo, resolucion),
    listarPorRevocar: (despuesDe, limite) => listarPorRevocar(db, despuesDe, limite),
    prepararReejecucion: (codigo, orden, reejecucionId) =>
      prepararReejecucion({ conciliar, adaptadorIdempotente }, codigo, orden, reejecucionId),
    ...createReejecucionesRegistradas({ db, claves, guarda }),
  };
}
