/** What support reads of the register and writes to it. */
import type { EntradaEmision } from '../emision/contrato.ts';
import type { TipoFallo } from '../emision/fallos.ts';
import type { EntradaReejecucion } from '../emision/reejecucion.ts';
import type { OrdenDeReejecucion } from '../emision/servicio-emision.ts';
import type {
  AvanceDeReejecucion,
  Decision,
  FiltroDeSolicitudes,
  PorRevocar,
  Posicion,
  RecuentoDeFallidas,
  ResumenEmision,
} from '../emision/soporte.ts';

export interface RegistroDeSoporte {
  /** From the newest acceptance to the oldest, behind `despuesDe`. */
  listar(filtro: FiltroDeSolicitudes, despuesDe: Posicion | null, limite: number): Promise<ResumenEmision[]>;
  contarFallidas(filtro: FiltroDeSolicitudes): Promise<RecuentoDeFallidas>;
  /** All issuances of one citizen, by the keyed hash of the document; newest first, at most `limite`. */
  buscarPorCiudadano(huellaCiudadano: string, limite: number): Promise<ResumenEmision[]>;
  /** Codigos of the FALLIDO ones that match, oldest first, at most `limite`. */
  fallidas(filtro: FiltroDeSolicitudes, limite: number): Promise<string[]>;
  /**
   * Settles an uncertain outcome. Reconciles first.
   * @returns false where the register does not know the codigo
   * @throws TurnoNegado SOLICITUD_EN_PROCESO, or SOLICITUD_NO_REEJECUTABLE where it is not uncertain
   */
  resolver(codigo: string, resolucion: Resolucion): Promise<boolean>;
  /** From the newest to the oldest; `despuesDe.aceptadaEn` is here the moment of `registradaEn`. */
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

  registrarReejecucion(entrada: EntradaReejecucion): Promise<void>;
  anotarLinea(
    reejecucionId: string,
    codigo: string,
    linea: { estado: 'EN_PROCESO' | 'COMPLETADO' | 'FALLIDO' | 'OMITIDO'; fallo: TipoFallo | null },
  ): Promise<void>;
  registrarFinDeReejecucion(reejecucionId: string): Promise<void>;
  leerReejecucion(reejecucionId: string): Promise<AvanceDeReejecucion | null>;
}

export interface Resolucion {
  decision: Decision;
  motivo: string;
  solicitante: OrdenDeReejecucion['solicitante'];
}

export type ReejecucionPreparada =
  { tipo: 'LISTA'; entrada: EntradaEmision } | { tipo: 'IMPEDIDA'; fallo: TipoFallo; motivo: string };
