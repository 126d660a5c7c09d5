/**
 * An answer without the envelope of MsAdaptadorPKI: a gateway's, a proxy's, another server's. The request may have been
 * worked on, whatever its status says (ADR 38). Support is told what came; operators by a metric and the log.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Logger } from '@temporalio/common';
import type { Paso } from '../../../shared/emision/contrato.ts';
import type { TipoFallo } from '../../../shared/emision/fallos.ts';
import type { Veredicto } from '../../../shared/nucleo/circuito.ts';
import { textoLegible } from '../../../shared/nucleo/texto.ts';
import type { MetricasDeRespuestasAjenas } from './metricas-pki.ts';
import { PkiFallo } from './pki-gateway.ts';
import { retryAfterMs } from './retry-after.ts';

export interface RespuestaHttp {
  statusCode: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Called for each such answer. */
export type AvisoDeRespuestaAjena = (paso: Paso, respuesta: RespuestaHttp) => void;

export function createAvisoDeRespuestaAjena(
  metricas: MetricasDeRespuestasAjenas,
  log: Pick<Logger, 'warn'>,
): AvisoDeRespuestaAjena {
  return (paso, { statusCode }) => {
    metricas.respuestaAjena(paso, statusCode);
    // What it says stands in the failure, which is encrypted: none of it is logged.
    log.warn(
      'a PKI call was answered without the envelope of MsAdaptadorPKI: see PKI_ADAPTER_URL, PKI_ADAPTER_TOKEN and what stands between',
      { paso, codigo: statusCode },
    );
  };
}

export function falloDeRespuestaAjena(respuesta: RespuestaHttp): PkiFallo {
  const { statusCode, headers } = respuesta;
  const [tipo, veredicto] = significado(statusCode);
  return new PkiFallo({
    tipo,
    veredicto,
    certeza: 'DESCONOCIDO',
    detalles: [
      `Llegó un ${statusCode} sin el sobre de MsAdaptadorPKI (success: false y statusCode: ${statusCode}): no es una respuesta suya.`,
      loQueLlego(respuesta),
      'No es por esta solicitud: soporte debe revisar el camino hasta MsAdaptadorPKI (proxy, balanceador, pasarela); después, envíela de nuevo.',
    ],
    reintentarEnMs: retryAfterMs(headers['retry-after'], Date.now()),
  });
}

/**
 * What passes with time is waited for; a route that is not there, only as long as a gateway needs to find it again. None shows
 * that MsAdaptadorPKI is back.
 */
function significado(statusCode: number): [TipoFallo, Veredicto] {
  if (statusCode >= 500 || statusCode === 408) return ['PKI_SIN_SOBRE', 'FALLA'];
  if (statusCode === 409 || statusCode === 425 || statusCode === 429) return ['PKI_SIN_SOBRE', 'NO_CONSTA'];
  return ['PKI_MAL_DIRIGIDA', 'NO_CONSTA'];
}

/** How much of a body is looked at to show what it is. */
const COMIENZO = 2_000;
const LARGO_DE_MUESTRA = 100;

/** A line for support: the kind of content, and the first words that a person would see. */
export function loQueLlego({ headers, body }: RespuestaHttp): string {
  const sinMarcas = body.slice(0, COMIENZO).replace(/<(style|script)\b.*?<\/\1>|<[^>]*>/gis, ' ');
  const muestra = textoLegible(sinMarcas, LARGO_DE_MUESTRA);
  const tipo = tipoDeContenido(headers);
  return muestra === '' ? `Contenido: ${tipo}, sin texto.` : `Contenido: ${tipo}; comienza: «${muestra}».`;
}

/** Its media type, without parameters. */
function tipoDeContenido(headers: IncomingHttpHeaders): string {
  return /^[\w.+-]{1,40}\/[\w.+-]{1,60}/.exec(headers['content-type'] ?? '')?.[0] ?? 'sin tipo';
}
