/** Where the routes of the issuance stand (core specification, 3.1.1). */
export const BASE = '/api/v1/coreog/MsCoreogCertificadosDigitales';

/** Path of the GET of a bulk re-run. */
export function pathDeReejecucion(reejecucionId: string): string {
  return `${BASE}/reejecuciones/${reejecucionId}`;
}

/** Path of the GET of one codigo, which may hold slashes, blanks or any other printable text. */
export function pathDeSolicitud(codigoSolicitudTramite: string): string {
  return `${BASE}/solicitudes/${encodeURIComponent(codigoSolicitudTramite)}`;
}
