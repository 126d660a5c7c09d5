/** `data` of the envelope for an issuance: core specification, 3.1.1.2. What is not known yet is null, never absent. */
import { FALLOS } from '../../../shared/emision/fallos.ts';
import { z } from 'zod';
import { ESTADOS } from '../../../shared/emision/emision.ts';
import type { VistaEmision } from '../servicio-emision.ts';
import {
  errorDeFallo,
  esquemaSobre,
  fechaHoraDeRespuesta,
  type ErrorDelSobre,
} from '../../http/peticion/sobre.ts';

const paso = z.object({
  estado: z.enum(['PENDIENTE', 'EN_PROCESO', 'COMPLETADO', 'FALLIDO']),
  fechaInicio: fechaHoraDeRespuesta.nullable(),
  fechaFin: fechaHoraDeRespuesta.nullable(),
  intentos: z.int().meta({ description: 'Llamadas realmente enviadas a la PKI' }),
});

const datosEmision = z.object({
  transaccion: z.object({
    transaccionId: z.string(),
    codigoSolicitudTramite: z.string(),
    estado: z.enum(ESTADOS).meta({
      description: 'Dice si hay que esperar (EN_PROCESO), tomar (COMPLETADO) o enviar de nuevo (FALLIDO)',
    }),
    fechaInicio: fechaHoraDeRespuesta,
    fechaFin: fechaHoraDeRespuesta.nullable(),
    tiempoProcesamientoMs: z.int().nullable(),
  }),
  ciudadano: z.object({ numeroDocumento: z.string(), nombreCompleto: z.string() }),
  certificados: z.array(
    z.object({
      tipoCertificado: z.string(),
      certificadoId: z.string(),
      numeroSerie: z.string().meta({ description: 'Hexadecimal en mayúsculas' }),
      fechaEmision: fechaHoraDeRespuesta,
      fechaVencimiento: fechaHoraDeRespuesta,
      vigenciaAnios: z.int(),
      estadoCertificado: z.string(),
      algoritmoFirma: z.string(),
      longitudClave: z.int().meta({ description: 'Bits' }),
      subjectDN: z.string().meta({ description: 'RFC 4514' }),
      huellaCertificado: z.string().meta({ description: 'SHA-256, hexadecimal en mayúsculas' }),
      certificadoBase64: z.string().meta({ description: 'DER en Base64, en una línea' }),
    }),
  ),
  pasosProceso: z.object({
    paso1GeneracionClaves: paso.extend({ solicitudPkiId: z.string().nullable() }),
    paso2EmisionCertificado: paso,
  }),
  auditoria: z.object({
    registroAuditoriaId: z.string().nullable(),
    usuarioEjecutor: z.string(),
    oficinaEjecucion: z.string(),
    ipCliente: z.string(),
  }),
});

export const respuestaEmision = esquemaSobre(datosEmision);

export function datosDeEmision(vista: VistaEmision): z.infer<typeof datosEmision> {
  const { transaccionId, codigoSolicitudTramite, estado, fechaInicio, fechaFin, tiempoProcesamientoMs } =
    vista;
  return {
    transaccion: {
      transaccionId,
      codigoSolicitudTramite,
      estado,
      fechaInicio,
      fechaFin,
      tiempoProcesamientoMs,
    },
    ciudadano: vista.titular,
    certificados: vista.certificados,
    pasosProceso: vista.pasosProceso,
    auditoria: vista.auditoria,
  };
}

const RESULTADO_INCIERTO =
  'No se sabe si la PKI llegó a emitir los certificados: soporte debe resolverlo o la misma solicitud debe enviarse de nuevo';

/** What `vista` tells of a failed issuance beyond the details that came with its failure. */
export function avisosDeEmision(vista: VistaEmision | null): string[] {
  return vista?.fallo?.resultadoIncierto === true ? [RESULTADO_INCIERTO] : [];
}

/** The failure of an issuance; null where it did not fail. */
export function errorDeEmision(vista: VistaEmision): ErrorDelSobre | null {
  if (vista.fallo === null) return null;
  const { tipo, detalles } = vista.fallo;
  return errorDeFallo(FALLOS[tipo], [...detalles, ...avisosDeEmision(vista)]);
}
