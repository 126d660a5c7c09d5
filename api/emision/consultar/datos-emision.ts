/** `data` of the envelope for an issuance: core specification, 3.1.1.2. What is not known yet is null, never absent. */
import { FALLOS } from '../../../shared/emision/fallos.ts';
import { z } from 'zod';
import { fechaIso } from '../../../shared/nucleo/fechas.ts';
import { CONSULTAR_DE_NUEVO_S, CONSULTAR_EN_PAUSA_S } from '../../../shared/nucleo/plazos.ts';
import type { Pendiente, VistaEmision } from '../servicio-emision.ts';
import { codigoDeRespuesta, estadoDeEmision } from '../campos.ts';
import {
  errorDeFallo,
  esquemaSobre,
  fechaHoraDeRespuesta,
  tipoDeError,
  tituloDeError,
  type ErrorDelSobre,
} from '../../http/peticion/sobre.ts';

const camposDePaso = {
  estado: z
    .enum(['PENDIENTE', 'EN_PROCESO', 'COMPLETADO', 'FALLIDO'])
    .meta({ id: 'EstadoDePaso', description: 'Cómo está el paso' }),
  fechaInicio: fechaHoraDeRespuesta.nullable().meta({ description: 'Cuándo empezó; null si no ha empezado' }),
  fechaFin: fechaHoraDeRespuesta.nullable().meta({ description: 'Cuándo terminó; null si no ha terminado' }),
  intentos: z.int().meta({ description: 'Llamadas realmente enviadas a la PKI' }),
};

const pendiente = z
  .object({
    paso: z.union([z.literal(1), z.literal(2)]).meta({ description: 'El paso que falta' }),
    ultimoFallo: z
      .object({ tipo: tipoDeError, titulo: tituloDeError })
      .meta({ id: 'UltimoFallo' })
      .nullable()
      .meta({ description: 'Cómo falló el último intento del paso; null si no ha fallado ninguno' }),
    proximoIntento: fechaHoraDeRespuesta
      .nullable()
      .meta({ description: 'Cuándo será el próximo; null si está en curso, o espera a un worker' }),
    retenida: z.boolean().meta({
      description: 'true: la PKI falla repetidamente y no se le envía nada hasta que se recupere',
    }),
  })
  .meta({ id: 'Pendiente' });

const transaccion = z
  .object({
    transaccionId: z.string().meta({ description: 'Identifica la emisión en este servicio' }),
    codigoSolicitudTramite: codigoDeRespuesta,
    estado: estadoDeEmision,
    fechaInicio: fechaHoraDeRespuesta.meta({ description: 'Cuándo empezó la ejecución que se cuenta' }),
    fechaFin: fechaHoraDeRespuesta
      .nullable()
      .meta({ description: 'Cuándo terminó; null si está EN_PROCESO' }),
    tiempoProcesamientoMs: z
      .int()
      .nullable()
      .meta({ description: 'De fechaInicio a fechaFin, en milisegundos; null si está EN_PROCESO' }),
    pendiente: pendiente
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
  })
  .meta({ id: 'Transaccion', description: 'Cómo está la emisión' });

const certificado = z
  .object({
    tipoCertificado: z.string().meta({ description: 'Uno de los que se pidieron' }),
    certificadoId: z.string().meta({ description: 'El que la PKI le da' }),
    numeroSerie: z.string().meta({ description: 'Hexadecimal en mayúsculas' }),
    fechaEmision: fechaHoraDeRespuesta.meta({ description: 'Desde cuándo vale' }),
    fechaVencimiento: fechaHoraDeRespuesta.meta({ description: 'Hasta cuándo vale' }),
    vigenciaAnios: z.int().meta({ description: 'La que se pidió' }),
    estadoCertificado: z.string().meta({ description: 'El que la PKI le da al emitirlo' }),
    algoritmoFirma: z.string().meta({ description: 'Con el que está firmado' }),
    longitudClave: z.int().meta({ description: 'Bits' }),
    subjectDN: z.string().meta({ description: 'A nombre de quién está, en la forma de RFC 4514' }),
    huellaCertificado: z.string().meta({ description: 'SHA-256, hexadecimal en mayúsculas' }),
    certificadoBase64: z.string().meta({ description: 'DER en Base64, en una línea' }),
  })
  .meta({ id: 'Certificado' });

const auditoria = z
  .object({
    registroAuditoriaId: z.string().nullable().meta({
      description: 'De su entrada en la bitácora, para pedir la prueba; null mientras no la tiene',
    }),
    usuarioEjecutor: z.string().meta({ description: 'Sujeto del token con que se pidió' }),
    oficinaEjecucion: z.string().meta({ description: 'X-Office-Code de la petición' }),
    ipCliente: z.string().meta({ description: '`metadatos.ipOrigen`; si faltó, la de la conexión' }),
    correlationId: z.guid().nullable().meta({
      description:
        'X-Correlation-ID de la petición que pidió esta ejecución: con él se sigue. null en lo anterior a que se guardara',
    }),
  })
  .meta({ id: 'Auditoria', description: 'Quién pidió la emisión, y dónde consta' });

const datosEmision = z
  .object({
    transaccion,
    ciudadano: z
      .object({
        numeroDocumento: z.string().meta({ description: 'El de la solicitud' }),
        nombreCompleto: z.string().meta({ description: 'Nombres y apellidos de la solicitud' }),
      })
      .meta({ id: 'Titular', description: 'De quién son los certificados' }),
    certificados: z
      .array(certificado)
      .meta({ description: 'Uno por cada tipo pedido si está COMPLETADO; ninguno en otro estado' }),
    pasosProceso: z
      .object({
        paso1GeneracionClaves: z
          .object({
            ...camposDePaso,
            solicitudPkiId: z
              .string()
              .nullable()
              .meta({ description: 'Con el que la PKI conoce la solicitud; null hasta que responde' }),
          })
          .meta({ id: 'Paso1', description: 'Números de solicitud y claves' }),
        paso2EmisionCertificado: z
          .object(camposDePaso)
          .meta({ id: 'Paso2', description: 'Emisión de los certificados' }),
      })
      .meta({ id: 'PasosProceso', description: 'Los dos pasos ante la PKI' }),
    auditoria,
  })
  .meta({ id: 'Emision', description: 'null si no se conoce ninguna emisión de esta petición' });

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
    auditoria: { ...vista.auditoria, correlationId: vista.auditoria.correlationId ?? null },
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
