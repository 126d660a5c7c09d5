/**
 * MsAdaptadorPKI over HTTP (docs/adapter.md): the only file that knows its paths, bodies and codes.
 * No retries here: an attempt is an attempt of the activity, seen in Temporal and marked in the register.
 */
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import got, { type Got, RequestError, TimeoutError, type Response } from 'got';
import { z } from 'zod';
import type { RespuestaPaso1, RespuestaPaso2 } from '../../shared/emision/contrato.ts';
import type { TipoFallo } from '../../shared/emision/fallos.ts';
import type { Envio } from '../../shared/registro/registro.ts';
import { PkiFallo, type CertezaDeEnvio, type PkiGateway, type Veredicto } from './pki-gateway.ts';

const RUTA_PASO_1 = 'api/v1/adaptador/MsAdaptadorPKI/generarNumerosSolicitud2';
const RUTA_PASO_2 = 'api/v1/adaptador/MsAdaptadorPKI/generarCertificadoDigitalDniE';

/** Three certificates take some 10 kB; an answer beyond this is not one. */
const RESPUESTA_MAXIMA_BYTES = 1_048_576;

/** Support reads what is wrong with an answer. */
const enEspanol = { error: z.locales.es().localeError };

/** The register cannot keep NUL, nor what is not Unicode; the rest of the controls no identifier has. */
const texto = z
  .string()
  .min(1)
  .max(500)
  .refine((valor) => valor.isWellFormed() && !/\p{Cc}/u.test(valor), 'tiene caracteres que no son texto');

const respuestaPaso1 = z.object({
  solicitudPkiId: texto,
  numerosSolicitud: z.array(z.object({ tipoCertificado: texto, numeroSolicitud: texto })).max(10),
});

const respuestaPaso2 = z.object({
  certificados: z
    .array(
      z.object({
        tipoCertificado: texto,
        certificadoId: texto,
        numeroSerie: texto,
        fechaEmision: texto,
        fechaVencimiento: texto,
        estadoCertificado: texto,
        certificadoBase64: z.string().min(1).max(100_000),
      }),
    )
    .max(10),
});

/** The envelope of an answer: of a success only data is read, of a failure only its words. */
const exito = z.object({ data: z.unknown() });
const falla = z.object({ error: z.object({ errores: z.array(z.object({ detalleError: z.string() })) }) });

export interface OpcionesDePki {
  url: string;
  token: string | undefined;
  timeoutMs: number;
  /** A kept connection that the adapter just closed leaves it unclear whether a request arrived. */
  idempotente: boolean;
}

export function createHttpPkiGateway({ url, token, timeoutMs, idempotente }: OpcionesDePki): PkiGateway {
  const cliente = got.extend({
    prefixUrl: url,
    method: 'POST',
    retry: { limit: 0 },
    throwHttpErrors: false,
    followRedirect: false,
    timeout: { request: timeoutMs },
    agent: {
      http: new http.Agent({ keepAlive: idempotente }),
      https: new https.Agent({ keepAlive: idempotente }),
    },
    headers: {
      accept: 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
  });

  return {
    async generarNumerosSolicitud(envio) {
      const { solicitud, configuracionCertificados } = envio.solicitud;
      const { tipoCertificados, vigenciaAnios, usoExtendido, nivelSeguridad } = configuracionCertificados;
      const cuerpo = { solicitud, tipoCertificados, vigenciaAnios, usoExtendido, nivelSeguridad };
      const datos: RespuestaPaso1 = await llamar(cliente, RUTA_PASO_1, envio, cuerpo, respuestaPaso1);
      exigirLosTiposPedidos(datos, tipoCertificados);
      return datos;
    },
    async generarCertificadoDigitalDniE(envio) {
      const { solicitud, ciudadano, configuracionCertificados } = envio.solicitud;
      const { solicitudPkiId, numerosSolicitud } = envio;
      const cuerpo = { solicitudPkiId, numerosSolicitud, solicitud, ciudadano, configuracionCertificados };
      const datos: RespuestaPaso2 = await llamar(cliente, RUTA_PASO_2, envio, cuerpo, respuestaPaso2);
      return datos;
    },
  };
}

async function llamar<T>(
  cliente: Got,
  ruta: string,
  envio: Envio,
  cuerpo: object,
  esquema: z.ZodType<T>,
): Promise<T> {
  const respuesta = await enviar(cliente, ruta, envio, cuerpo);
  if (respuesta.statusCode !== 200 && respuesta.statusCode !== 201) throw falloDeRespuesta(respuesta);
  const sobre = exito.safeParse(comoJson(respuesta.body));
  const datos = esquema.safeParse(sobre.data?.data, enEspanol);
  if (datos.success) return datos.data;
  const faltas = datos.error.issues.map(({ path, message }) => `${['data', ...path].join('.')}: ${message}`);
  throw respuestaInvalida(
    `MsAdaptadorPKI respondió ${respuesta.statusCode} con un cuerpo que no cumple su contrato.`,
    ...faltas,
  );
}

async function enviar(cliente: Got, ruta: string, envio: Envio, cuerpo: object): Promise<Response<string>> {
  const corte = new AbortController();
  const peticion = cliente(ruta, { json: cuerpo, headers: cabeceras(envio), signal: corte.signal });
  void peticion.on('downloadProgress', ({ transferred }) => {
    if (transferred > RESPUESTA_MAXIMA_BYTES) corte.abort();
  });
  try {
    return await peticion;
  } catch (error) {
    if (corte.signal.aborted)
      throw respuestaInvalida(
        `MsAdaptadorPKI envió una respuesta de más de ${RESPUESTA_MAXIMA_BYTES} bytes.`,
      );
    throw falloDeConexion(error);
  }
}

/** The original call's headers, the key of the work, and a trace that the correlation id leads to. */
function cabeceras({ clave, contexto }: Envio): Record<string, string> {
  const deCorrelacion = contexto.correlationId.replaceAll('-', '').toLowerCase();
  // The nil UUID is a valid correlation id, but no valid trace (W3C Trace Context, 3.2.2.3).
  const traza = /^0+$/.test(deCorrelacion) ? randomBytes(16).toString('hex') : deCorrelacion;
  return {
    'idempotency-key': clave,
    'x-correlation-id': contexto.correlationId,
    'x-request-id': contexto.requestId,
    'x-office-code': enCabecera(contexto.oficinaEjecucion),
    'x-device-id': enCabecera(contexto.dispositivo),
    'x-channel': enCabecera(contexto.canal),
    traceparent: `00-${traza}-${randomBytes(8).toString('hex')}-01`,
  };
}

/** Node writes a header's characters as single bytes: text beyond them goes as its UTF-8. */
function enCabecera(valor: string): string {
  return Buffer.from(valor, 'utf8').toString('latin1');
}

/** Which codes mean what, and say clearly that nothing was done: docs/adapter.md. */
function falloDeRespuesta(respuesta: Response<string>): PkiFallo {
  const { statusCode } = respuesta;
  const [tipo, certeza, veredicto] = significado(statusCode);
  const palabras = falla.safeParse(comoJson(respuesta.body));
  const detalles = palabras.data?.error.errores.map(({ detalleError }) => detalleError) ?? [];
  return new PkiFallo({
    tipo,
    certeza,
    veredicto,
    detalles: detalles.length > 0 ? detalles : [`MsAdaptadorPKI respondió ${statusCode}.`],
    reintentarEnMs: retryAfterMs(respuesta.headers['retry-after']),
  });
}

function significado(statusCode: number): [TipoFallo, CertezaDeEnvio, Veredicto] {
  switch (statusCode) {
    case 404:
      return ['CIUDADANO_NO_ENCONTRADO', 'DEFINITIVO', 'RESPONDE'];
    case 422:
      return ['CIUDADANO_NO_CUMPLE_REQUISITOS', 'DEFINITIVO', 'RESPONDE'];
    case 400:
    case 401:
    case 403:
      return ['PKI_RECHAZO', 'NADA_HECHO', 'RESPONDE'];
    case 408:
      return ['TIEMPO_PKI_AGOTADO', 'DESCONOCIDO', 'FALLA'];
    case 409:
      return ['PKI_NO_DISPONIBLE', 'DESCONOCIDO', 'RESPONDE'];
    case 429:
      return ['PKI_NO_DISPONIBLE', 'NADA_HECHO', 'RESPONDE'];
    case 503:
      return ['PKI_NO_DISPONIBLE', 'NADA_HECHO', 'FALLA'];
    default:
      // A 2xx that is neither 200 nor 201 refuses nothing, and brings nothing that is understood.
      if (statusCode < 300) return ['PKI_RESPUESTA_INVALIDA', 'DESCONOCIDO', 'FALLA'];
      if (statusCode < 500) return ['PKI_RECHAZO', 'DESCONOCIDO', 'RESPONDE'];
      return ['PKI_ERROR', 'DESCONOCIDO', 'FALLA'];
  }
}

function respuestaInvalida(...detalles: string[]): PkiFallo {
  return new PkiFallo({
    tipo: 'PKI_RESPUESTA_INVALIDA',
    certeza: 'DESCONOCIDO',
    veredicto: 'FALLA',
    detalles,
  });
}

/** Certificates that are not trusted: found before the first byte of a request leaves. */
const SIN_CONFIANZA = new Set([
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

function falloDeConexion(error: unknown): PkiFallo {
  const codigo = error instanceof RequestError ? error.code : 'DESCONOCIDO';
  const certeza = nadaSalio(error) ? 'NADA_HECHO' : 'DESCONOCIDO';
  const comun = { certeza, veredicto: 'FALLA', cause: error } as const;
  if (error instanceof TimeoutError)
    return new PkiFallo({
      ...comun,
      tipo: 'TIEMPO_PKI_AGOTADO',
      detalles: [`MsAdaptadorPKI no respondió dentro del plazo (${error.message}).`],
    });
  return new PkiFallo({
    ...comun,
    tipo: 'PKI_SIN_CONEXION',
    detalles: [`No se completó la conexión con MsAdaptadorPKI (${codigo}).`],
  });
}

/** By the connection, not by the code alone: ETIMEDOUT and EHOSTUNREACH may also end one that had carried a request. */
function nadaSalio(error: unknown): boolean {
  if (!(error instanceof RequestError)) return false;
  return (
    SIN_CONFIANZA.has(error.code) || (error.timings !== undefined && error.timings.connect === undefined)
  );
}

/** Seconds or an HTTP date (RFC 9110, 10.2.3); what is neither counts as absent. */
function retryAfterMs(valor: string | undefined): number | null {
  if (valor === undefined) return null;
  if (/^\d{1,6}$/.test(valor)) return Number(valor) * 1000;
  const fecha = Date.parse(valor);
  return Number.isNaN(fecha) ? null : Math.max(0, fecha - Date.now());
}

function exigirLosTiposPedidos({ numerosSolicitud }: RespuestaPaso1, pedidos: readonly string[]): void {
  const recibidos = numerosSolicitud.map(({ tipoCertificado }) => tipoCertificado);
  if (JSON.stringify(recibidos.toSorted()) === JSON.stringify(pedidos.toSorted())) return;
  throw respuestaInvalida(
    `MsAdaptadorPKI generó números para ${recibidos.join(', ') || 'ningún tipo'}; se pidieron ${pedidos.join(', ')}.`,
  );
}

function comoJson(cuerpo: string): unknown {
  try {
    return JSON.parse(cuerpo);
  } catch {
    return undefined;
  }
}
