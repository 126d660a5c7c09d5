/**
 * MsAdaptadorPKI over HTTP (docs/adapter.md): the only file that knows its paths and bodies; its statuses are read by
 * respuesta-de-la-pki.ts. No retries here: an attempt is an attempt of the activity, seen in Temporal and marked in the
 * register.
 */
import http from 'node:http';
import https from 'node:https';
import got, { type Got, RequestError, TimeoutError, type Response } from 'got';
import { context, propagation, SpanKind } from '@opentelemetry/api';
import type { z } from 'zod';
import { enTramo } from '../../../shared/runtime/trazas/tramo.ts';
import type { Paso, RespuestaPaso1, RespuestaPaso2 } from '../../../shared/emision/contrato.ts';
import { PkiFallo, type LlamadaALaPki, type PkiGateway } from './pki-gateway.ts';
import type { AvisoDeRespuestaAjena } from './respuesta-ajena.ts';
import { leerRespuesta, respuestaInvalida } from './respuesta-de-la-pki.ts';
import { RESPUESTAS_PKI, sonDeLosTipos } from '../../../shared/emision/respuestas-pki.ts';

const RUTAS: Record<Paso, string> = {
  1: 'api/v1/adaptador/MsAdaptadorPKI/generarNumerosSolicitud2',
  2: 'api/v1/adaptador/MsAdaptadorPKI/generarCertificadoDigitalDniE',
};

/** Three certificates take some 10 kB; an answer beyond this is not one. */
const RESPUESTA_MAXIMA_BYTES = 1_048_576;

export interface OpcionesDePki {
  url: string;
  token: string | undefined;
  timeoutMs: number;
  /** A kept connection that the adapter just closed leaves it unclear whether a request arrived. */
  idempotente: boolean;
  alResponderOtro: AvisoDeRespuestaAjena;
}

export function createHttpPkiGateway(opciones: OpcionesDePki): PkiGateway {
  const { url, token, timeoutMs, idempotente, alResponderOtro } = opciones;
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

  async function llamar<T>(
    paso: Paso,
    llamada: LlamadaALaPki,
    cuerpo: object,
    esquema: z.ZodType<T>,
  ): Promise<T> {
    const respuesta = await enTramo(
      `PKI ${RUTAS[paso].split('/').at(-1)}`,
      { kind: SpanKind.CLIENT, attributes: { 'pki.paso': paso, 'http.request.method': 'POST' } },
      async (tramo) => {
        const recibida = await enviar(cliente, RUTAS[paso], llamada, cuerpo);
        tramo.setAttribute('http.response.status_code', recibida.statusCode);
        return recibida;
      },
    );
    return leerRespuesta(respuesta, esquema, () => {
      alResponderOtro(paso, respuesta);
    });
  }

  return {
    async generarNumerosSolicitud(llamada) {
      const { solicitud, configuracionCertificados } = llamada.solicitud;
      const { tipoCertificados, vigenciaAnios, usoExtendido, nivelSeguridad } = configuracionCertificados;
      const cuerpo = { solicitud, tipoCertificados, vigenciaAnios, usoExtendido, nivelSeguridad };
      const datos: RespuestaPaso1 = await llamar(1, llamada, cuerpo, RESPUESTAS_PKI[1]);
      exigirLosTiposPedidos(datos, tipoCertificados);
      return datos;
    },
    async generarCertificadoDigitalDniE(llamada) {
      const { solicitud, ciudadano, configuracionCertificados } = llamada.solicitud;
      const { solicitudPkiId, numerosSolicitud } = llamada;
      const cuerpo = { solicitudPkiId, numerosSolicitud, solicitud, ciudadano, configuracionCertificados };
      const datos: RespuestaPaso2 = await llamar(2, llamada, cuerpo, RESPUESTAS_PKI[2]);
      return datos;
    },
  };
}

async function enviar(
  cliente: Got,
  ruta: string,
  llamada: LlamadaALaPki,
  cuerpo: object,
): Promise<Response<string>> {
  const corte = new AbortController();
  const peticion = cliente(ruta, { json: cuerpo, headers: cabeceras(llamada), signal: corte.signal });
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

/** The original call's headers, the key of the work, and the trace that it is part of. */
function cabeceras({ clave, contexto }: LlamadaALaPki): Record<string, string> {
  return {
    'idempotency-key': clave,
    'x-correlation-id': contexto.correlationId,
    'x-request-id': contexto.requestId,
    'x-office-code': enCabecera(contexto.oficinaEjecucion),
    'x-device-id': enCabecera(contexto.dispositivo),
    'x-channel': enCabecera(contexto.canal),
    ...trazaEnCurso(),
  };
}

/** That of the attempt (W3C Trace Context). */
function trazaEnCurso(): Record<string, string> {
  const cabeceras: Record<string, string> = {};
  propagation.inject(context.active(), cabeceras);
  return cabeceras;
}

/** Node writes a header's characters as single bytes: text beyond them goes as its UTF-8. */
function enCabecera(valor: string): string {
  return Buffer.from(valor, 'utf8').toString('latin1');
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
  const codigoDeError = error instanceof RequestError ? error.code : 'DESCONOCIDO';
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
    detalles: [`No se completó la conexión con MsAdaptadorPKI (${codigoDeError}).`],
  });
}

/**
 * Judged by the connection, not by the error's code alone: ETIMEDOUT and EHOSTUNREACH may also end one that had carried a
 * request.
 */
function nadaSalio(error: unknown): boolean {
  if (!(error instanceof RequestError)) return false;
  return (
    SIN_CONFIANZA.has(error.code) || (error.timings !== undefined && error.timings.connect === undefined)
  );
}

function exigirLosTiposPedidos(datos: RespuestaPaso1, pedidos: readonly string[]): void {
  if (sonDeLosTipos(datos, pedidos)) return;
  const recibidos = datos.numerosSolicitud.map(({ tipoCertificado }) => tipoCertificado);
  throw respuestaInvalida(
    `MsAdaptadorPKI generó números para ${recibidos.join(', ') || 'ningún tipo'}; se pidieron ${pedidos.join(', ')}.`,
  );
}
