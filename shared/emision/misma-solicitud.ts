/**
 * When two requests are the same, and what may be corrected after a failure (docs/rules.md).
 * Members' order, the order of tipoCertificados, metadatos and headers do not count.
 */
import { jsonCanonico } from '../nucleo/json-canonico.ts';
import type { SolicitudCertificado } from './solicitud.ts';

/** What counts when two requests are compared. */
type Comparable = Omit<SolicitudCertificado, 'metadatos'>;

type Documento = Pick<SolicitudCertificado['solicitud'], 'tipoDocumento' | 'numeroDocumento'>;

/** The text whose keyed hash tells the same request. */
export function formaCanonica(solicitud: SolicitudCertificado): string {
  return jsonCanonico(parteComparable(solicitud));
}

/** The text whose keyed hash is the key of the citizen's lock. */
export function documentoNormalizado({ solicitud }: { solicitud: Documento }): string {
  const normalizar = (texto: string) => texto.normalize('NFKC').trim().toUpperCase();
  return JSON.stringify([normalizar(solicitud.tipoDocumento), normalizar(solicitud.numeroDocumento)]);
}

/** Both keyed hashes of a request, computed by whoever holds the key and the body: they are taken from nobody. */
export function huellasDe(
  huella: (dominio: string, texto: string) => string,
  solicitud: SolicitudCertificado,
): { huellaSolicitud: string; huellaCiudadano: string } {
  return {
    huellaSolicitud: huella('solicitud', formaCanonica(solicitud)),
    huellaCiudadano: huella('ciudadano', documentoNormalizado(solicitud)),
  };
}

/** What differs between two requests of one codigo: the data of the citizen, also the document, or anything else. */
export type Cambio = 'NINGUNO' | 'CIUDADANO' | 'CIUDADANO_Y_DOCUMENTO' | 'LO_DEMAS';

export function cambioEntre(anterior: SolicitudCertificado, nueva: SolicitudCertificado): Cambio {
  const difieren = (parte: (solicitud: SolicitudCertificado) => unknown) =>
    jsonCanonico(parte(anterior)) !== jsonCanonico(parte(nueva));
  const sinPersona = ({ solicitud, configuracionCertificados }: Comparable) => {
    const sinDocumento = { ...solicitud, tipoDocumento: null, numeroDocumento: null };
    return { sinDocumento, configuracionCertificados };
  };
  if (difieren((una) => sinPersona(parteComparable(una)))) return 'LO_DEMAS';
  if (difieren(({ solicitud: { tipoDocumento, numeroDocumento } }) => [tipoDocumento, numeroDocumento]))
    return 'CIUDADANO_Y_DOCUMENTO';
  return difieren(({ ciudadano }) => ciudadano) ? 'CIUDADANO' : 'NINGUNO';
}

function parteComparable({
  solicitud,
  ciudadano,
  configuracionCertificados,
}: SolicitudCertificado): Comparable {
  const tipoCertificados = [...configuracionCertificados.tipoCertificados].sort();
  return {
    solicitud,
    ciudadano,
    configuracionCertificados: { ...configuracionCertificados, tipoCertificados },
  };
}
