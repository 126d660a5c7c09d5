/** An issuance as the register holds it, as the API shows it. */
import type { DetalleEmision, MemoEmision } from '../../../shared/emision/contrato.ts';
import { pasosPendientes, type CertificadoEmitido } from '../../../shared/emision/emision.ts';
import { fechaIso } from '../../../shared/nucleo/fechas.ts';
import type { VistaEmision } from '../servicio-emision.ts';
import {
  pasosProcesoDe,
  transaccionId,
  type EmisionRegistrada,
} from '../../../shared/registro/emision/registro.ts';

export function vistaDe(emision: EmisionRegistrada, certificados: CertificadoEmitido[]): VistaEmision {
  const { fechaInicio, fechaFin, fallo, resultadoIncierto } = emision;
  return {
    transaccionId: transaccionId(emision.codigo, emision.generacion),
    codigoSolicitudTramite: emision.codigo,
    estado: emision.estado,
    fechaInicio: fechaIso(fechaInicio),
    fechaFin: fechaFin && fechaIso(fechaFin),
    // The start is Temporal's, the end the worker's: their clocks may differ.
    tiempoProcesamientoMs: fechaFin && Math.max(0, fechaFin.getTime() - fechaInicio.getTime()),
    titular: emision.titular,
    certificados,
    pasosProceso: pasosProcesoDe(emision.pasos),
    auditoria: { registroAuditoriaId: emision.registroAuditoriaId, ...emision.auditoria },
    fallo: fallo && { ...fallo, resultadoIncierto },
  };
}

/** What the run says of itself (by its query, or by its memo), where the register does not hold it yet. */
export function vistaDeDetalle(codigo: string, detalle: DetalleEmision): VistaEmision {
  return {
    transaccionId: transaccionId(codigo, detalle.generacion),
    codigoSolicitudTramite: codigo,
    estado: detalle.estado,
    fechaInicio: detalle.fechaInicio,
    fechaFin: null,
    tiempoProcesamientoMs: null,
    titular: detalle.titular,
    certificados: [],
    pasosProceso: detalle.pasosProceso,
    auditoria: { registroAuditoriaId: null, ...detalle.auditoria },
    fallo: null,
  };
}

/** A run as it was accepted, by its memo. */
export function vistaDeMemo(codigo: string, memo: MemoEmision, inicio: Date): VistaEmision {
  return vistaDeDetalle(codigo, detalleDeMemo(memo, inicio));
}

export function detalleDeMemo(
  { generacion, solicitudPkiId, titular, auditoria }: MemoEmision,
  inicio: Date,
): DetalleEmision {
  return {
    estado: 'EN_PROCESO',
    generacion,
    fechaInicio: fechaIso(inicio),
    pasosProceso: pasosPendientes(solicitudPkiId),
    titular,
    auditoria,
  };
}
