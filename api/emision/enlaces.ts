/** The paths under which an issuance and a bulk re-run are read. */
import { PREFIJO } from '../prefijo.ts';

/** Path of the GET of a bulk re-run. */
export function pathDeReejecucion(reejecucionId: string): string {
  return `${PREFIJO}/reejecuciones/${reejecucionId}`;
}

/** Path of the GET of one codigo, which may hold slashes, blanks or any other printable text. */
export function pathDeSolicitud(codigoSolicitudTramite: string): string {
  return `${PREFIJO}/solicitudes/${encodeURIComponent(codigoSolicitudTramite)}`;
}
