import type { Titular } from './emision.ts';
import type { SolicitudCertificado } from './solicitud.ts';

/** The citizen as the envelope names them. */
export function titularDe({ solicitud, ciudadano }: SolicitudCertificado): Titular {
  const { nombres, apellidoPaterno, apellidoMaterno } = ciudadano;
  return {
    numeroDocumento: solicitud.numeroDocumento,
    nombreCompleto: [nombres, apellidoPaterno, apellidoMaterno].filter(Boolean).join(' '),
  };
}
