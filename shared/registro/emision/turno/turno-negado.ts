/** The register refuses a run, or an order: nothing was written. */
import type { TipoFallo } from '../../../emision/fallos.ts';
import type { EmisionRegistrada, PeticionGuardada } from '../filas/filas.ts';
import { DATOS_RETIRADOS } from './impedimentos.ts';

/** `fallo` says why; the issuance stays as it was. */
export class TurnoNegado extends Error {
  readonly fallo: TipoFallo;
  constructor(fallo: TipoFallo, motivo: string) {
    super(motivo);
    this.name = 'TurnoNegado';
    this.fallo = fallo;
  }
}

/** @throws TurnoNegado: another request learns nothing of a completed one */
export function exigirLaMisma({ estado, huellaSolicitud }: EmisionRegistrada, huella: string): void {
  if (estado === 'COMPLETADO' && huellaSolicitud !== huella)
    throw new TurnoNegado('CODIGO_REUTILIZADO', 'El codigoSolicitudTramite pertenece a otra solicitud.');
}

/** @throws TurnoNegado where retention took the request away */
export function exigirPeticion({ peticion }: EmisionRegistrada): PeticionGuardada {
  if (peticion) return peticion;
  throw new TurnoNegado(DATOS_RETIRADOS.fallo, DATOS_RETIRADOS.motivo);
}
