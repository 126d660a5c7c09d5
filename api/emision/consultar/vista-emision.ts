/** An issuance as the register holds it, as the API shows it. */
import { pasoEnCurso, type DetalleEmision, type MemoEmision } from '../../../shared/emision/contrato.ts';
import { pasosPendientes, type CertificadoEmitido } from '../../../shared/emision/emision.ts';
import { fechaIso } from '../../../shared/nucleo/fechas.ts';
import type { Pendiente, VistaEmision } from '../servicio-emision.ts';
import {
  impedimentoParaRepetir,
  pasosProcesoDe,
  transaccionId,
  type EmisionRegistrada,
} from '../../../shared/registro/emision/registro.ts';

export function vistaDe(
  emision: EmisionRegistrada,
  certificados: CertificadoEmitido[],
  adaptadorIdempotente: boolean,
): VistaEmision {
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
    pendiente: emision.estado === 'EN_PROCESO' ? pendienteDe(emision) : null,
    fallo: fallo && {
      ...fallo,
      resultadoIncierto,
      sinReenvio: impedimentoParaRepetir(emision, adaptadorIdempotente)?.motivo ?? null,
    },
  };
}

function pendienteDe({ pasos }: EmisionRegistrada): Pendiente {
  const paso = pasoEnCurso(pasos[1]);
  const { ultimo_fallo: ultimoFallo, proximo_intento: proximoIntento } = pasos[paso];
  return { paso, ultimoFallo, proximoIntento, retenida: false };
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
    pendiente: null,
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
