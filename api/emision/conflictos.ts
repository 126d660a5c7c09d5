/** Conflicts with another request, of which the answer says nothing. */
import type { TipoFallo } from '../../shared/emision/fallos.ts';
import type { Desenlace } from '../../shared/emision/servicio-emision.ts';

export function sinTransaccion(fallo: TipoFallo, detalles: string[]): Desenlace {
  return { tipo: 'FALLO', fallo, detalles, vista: null };
}

export function deOtraSolicitud(): Desenlace {
  return sinTransaccion('CODIGO_REUTILIZADO', [
    'solicitud.codigoSolicitudTramite: pertenece a otra solicitud; use un código nuevo.',
  ]);
}
