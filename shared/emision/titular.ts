/** The people of an issuance, as the envelope names them. */
import type { Auditoria, ContextoDePeticion, EntradaEmision } from './contrato.ts';
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
function auditoriaDe({
  usuarioEjecutor,
  oficinaEjecucion,
  ipCliente,
  correlationId,
}: ContextoDePeticion): Auditoria {
  return { usuarioEjecutor, oficinaEjecucion, ipCliente, correlationId };
}

/** All that the envelope tells of a request. */
export interface Personas {
  titular: Titular;
  auditoria: Auditoria;
}

export function personasDe({
  solicitud,
  contexto,
}: Pick<EntradaEmision, 'solicitud' | 'contexto'>): Personas {
  return { titular: titularDe(solicitud), auditoria: auditoriaDe(contexto) };
}
