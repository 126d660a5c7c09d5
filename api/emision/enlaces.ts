/** The paths under which an issuance and a bulk re-run are read. */
import { BASE } from '../prefijo.ts';

/** Path of the GET of a bulk re-run. */
export function pathDeReejecucion(reejecucionId: string): string {
  return `${BASE}/reejecuciones/${reejecucionId}`;
}

/** Path of the GET of one codigo, which may hold slashes, blanks or any other printable text. */
export function pathDeSolicitud(codigoSolicitudTramite: string): string {
  return `${BASE}/solicitudes/${encodeURIComponent(codigoSolicitudTramite)}`;
}
