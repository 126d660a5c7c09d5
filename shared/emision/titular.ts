/** The people of an issuance, as the envelope names them. */
import type { Auditoria, ContextoDePeticion } from './contrato.ts';
import type { Titular } from './emision.ts';
import type { SolicitudCertificado } from './solicitud.ts';

/** The citizen. */
export function titularDe({ solicitud, ciudadano }: SolicitudCertificado): Titular {
  const { nombres, apellidoPaterno, apellidoMaterno } = ciudadano;
  return {
    numeroDocumento: solicitud.numeroDocumento,
    nombreCompleto: [nombres, apellidoPaterno, apellidoMaterno].filter(Boolean).join(' '),
  };
}

/** Who asked. */
export function auditoriaDe({ usuarioEjecutor, oficinaEjecucion, ipCliente }: ContextoDePeticion): Auditoria {
  return { usuarioEjecutor, oficinaEjecucion, ipCliente };
}
