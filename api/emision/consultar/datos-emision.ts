/** `data` of the envelope for an issuance: core specification, 3.1.1.2. What is not known yet is null, never absent. */
import { FALLOS } from '../../../shared/emision/fallos.ts';
import { z } from 'zod';
import { ESTADOS } from '../../../shared/emision/emision.ts';
import { fechaIso } from '../../../shared/nucleo/fechas.ts';
import { CONSULTAR_DE_NUEVO_S, CONSULTAR_EN_PAUSA_S } from '../../../shared/nucleo/plazos.ts';
import type { Pendiente, VistaEmision } from '../servicio-emision.ts';
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
    pendiente: z
      .object({
        paso: z.union([z.literal(1), z.literal(2)]),
        ultimoFallo: z
          .object({ tipo: z.string(), titulo: z.string() })
          .nullable()
          .meta({ description: 'Cómo falló el último intento del paso; null si no ha fallado ninguno' }),
        proximoIntento: fechaHoraDeRespuesta
          .nullable()
          .meta({ description: 'Cuándo será el próximo; null si está en curso, o espera a un worker' }),
        retenida: z.boolean().meta({
          description: 'true: la PKI falla repetidamente y no se le envía nada hasta que se recupere',
        }),
      })
      .nullable()
      .meta({ description: 'Qué espera una emisión EN_PROCESO; null en otro estado, o si aún no empezó' }),
    admiteReenvio: z.boolean().meta({
      description:
        'true: FALLIDO, y la misma solicitud, enviada de nuevo con el mismo código, se ejecuta; las correcciones tienen reglas propias. false en una FALLIDO: `errores` dice por qué',
    }),
    resultadoIncierto: z.boolean().meta({
      description:
        'true: FALLIDO, y no se sabe si la PKI emitió los certificados. El ciudadano queda reservado a esta solicitud hasta que se repita o soporte la resuelva',
    }),
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
      pendiente: vista.pendiente && pendienteDe(vista.pendiente),
      admiteReenvio: vista.fallo?.sinReenvio === null,
      resultadoIncierto: vista.fallo?.resultadoIncierto === true,
    },
    ciudadano: vista.titular,
    certificados: vista.certificados,
    pasosProceso: vista.pasosProceso,
    auditoria: vista.auditoria,
  };
}

/** Retry-After of an issuance in process, in seconds: until its next attempt, within bounds. */
export function consultarDeNuevoEnS(pendiente: Pendiente | null, ahora = new Date()): number {
  const faltanMs = (pendiente?.proximoIntento ?? ahora).getTime() - ahora.getTime();
  return Math.min(Math.max(Math.ceil(faltanMs / 1_000), CONSULTAR_DE_NUEVO_S), CONSULTAR_EN_PAUSA_S);
}

function pendienteDe({ paso, ultimoFallo, proximoIntento, retenida }: Pendiente) {
  const fallo = ultimoFallo && FALLOS[ultimoFallo];
  return {
    paso,
    ultimoFallo: fallo && { tipo: fallo.tipo, titulo: fallo.titulo },
    proximoIntento: proximoIntento && fechaIso(proximoIntento),
    retenida,
  };
}

const RESULTADO_INCIERTO =
  'No se sabe si la PKI llegó a emitir los certificados: soporte debe resolverlo o la misma solicitud debe enviarse de nuevo';

/** What `vista` tells of a failed issuance beyond the details that came with its failure: what can be done about it. */
export function avisosDeEmision(vista: VistaEmision | null): string[] {
  if (!vista?.fallo) return [];
  const { resultadoIncierto, sinReenvio } = vista.fallo;
  if (sinReenvio !== null) return [sinReenvio];
  return resultadoIncierto ? [RESULTADO_INCIERTO] : [];
}

/** The failure of an issuance; null where it did not fail. */
export function errorDeEmision(vista: VistaEmision): ErrorDelSobre | null {
  if (vista.fallo === null) return null;
  const { tipo, detalles } = vista.fallo;
  return errorDeFallo(FALLOS[tipo], [...detalles, ...avisosDeEmision(vista)]);
}
