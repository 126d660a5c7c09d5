/** Conflicts with another request, about which the answer tells nothing. */
import type { TipoFallo } from '../../../shared/emision/fallos.ts';
import type { Desenlace } from '../servicio-emision.ts';

export function conflicto(fallo: TipoFallo, detalles: string[]): Desenlace {
  return { tipo: 'FALLO', fallo, detalles, vista: null };
}

/**
 * The codigo is taken by a request of which this client may read nothing: not even that it failed, or may be corrected.
 * @param esLaMisma another client sent the same data
 */
export function codigoReutilizado(esLaMisma = false): Desenlace {
  return conflicto('CODIGO_REUTILIZADO', [
    esLaMisma
      ? // Under a new codigo the citizen would be issued to once more.
        'solicitud.codigoSolicitudTramite: otro cliente ya envió esta misma solicitud; no la envíe con otro código: sólo ese cliente, o uno con el permiso certificados:consultar-todas, puede repetirla o consultarla.'
      : 'solicitud.codigoSolicitudTramite: pertenece a otra solicitud; use un código nuevo.',
  ]);
}
