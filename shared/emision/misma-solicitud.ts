/**
 * When two requests are the same, and what may be corrected after a failure (docs/rules.md).
 * Members' order, the order of tipoCertificados, metadatos and headers do not count.
 */
import type { SolicitudCertificado } from './solicitud.ts';

type Documento = Pick<SolicitudCertificado['solicitud'], 'tipoDocumento' | 'numeroDocumento'>;

/** The text whose keyed hash tells the same request. */
export function formaCanonica(solicitud: SolicitudCertificado): string {
  return JSON.stringify(ordenado(parteComparable(solicitud)));
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

/**
 * After a failure that is not uncertain the citizen's data may change; the document only where step 1 left nothing
 * behind at the PKI, because its request numbers were made for that document.
 */
export function esCorreccionAdmitida(
  anterior: SolicitudCertificado,
  nueva: SolicitudCertificado,
  paso1SinRastro: boolean,
): boolean {
  const fija = (solicitud: SolicitudCertificado) => {
    const { numeroDocumento, tipoDocumento, ...resto } = solicitud.solicitud;
    const { configuracionCertificados } = parteComparable(solicitud);
    const documento = paso1SinRastro ? null : { numeroDocumento, tipoDocumento };
    return JSON.stringify(ordenado({ resto, documento, configuracionCertificados }));
  };
  return fija(anterior) === fija(nueva);
}

function parteComparable({ solicitud, ciudadano, configuracionCertificados }: SolicitudCertificado) {
  const tipoCertificados = [...configuracionCertificados.tipoCertificados].sort();
  return {
    solicitud,
    ciudadano,
    configuracionCertificados: { ...configuracionCertificados, tipoCertificados },
  };
}

function ordenado(valor: unknown): unknown {
  if (Array.isArray(valor)) return valor.map(ordenado);
  if (typeof valor !== 'object' || valor === null) return valor;
  const miembros = Object.entries(valor).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(miembros.map(([nombre, miembro]) => [nombre, ordenado(miembro)]));
}
