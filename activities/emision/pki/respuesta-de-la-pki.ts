/** What an answer to a call of the PKI means (docs/adapter.md): the only file that knows the statuses of MsAdaptadorPKI. */
import { z } from 'zod';
import type { CertezaDeEnvio, TipoFallo } from '../../../shared/emision/fallos.ts';
import type { Veredicto } from '../../../shared/nucleo/circuito.ts';
import { lineasLegibles, PkiFallo } from './pki-gateway.ts';
import { falloDeRespuestaAjena, loQueLlego, type RespuestaHttp } from './respuesta-ajena.ts';
import { retryAfterMs } from './retry-after.ts';
import { esSuRechazo, leerSobre, type Sobre } from './sobre-del-adaptador.ts';

/** Support reads what is wrong with an answer. */
const enEspanol = { error: z.locales.es().localeError };

/**
 * The data of an answer that says that the work is done.
 * @param alSerDeOtro called where a refusal is not in the adapter's own envelope
 * @throws PkiFallo for any other answer
 */
export function leerRespuesta<T>(
  respuesta: RespuestaHttp,
  esquema: z.ZodType<T>,
  alSerDeOtro: () => void,
): T {
  const { statusCode } = respuesta;
  const sobre = leerSobre(respuesta.body);
  if (statusCode >= 200 && statusCode < 300) return leerDatos(respuesta, sobre, esquema);
  if (esSuRechazo(sobre, statusCode)) throw rechazo(respuesta, sobre);
  alSerDeOtro();
  throw falloDeRespuestaAjena(respuesta);
}

/**
 * Of a success status and data are read; other members may be absent or extra, but with `success: false` it is no
 * success.
 */
function leerDatos<T>(respuesta: RespuestaHttp, sobre: Sobre | null, esquema: z.ZodType<T>): T {
  const { statusCode } = respuesta;
  if (statusCode !== 200 && statusCode !== 201)
    throw respuestaInvalida(
      `MsAdaptadorPKI respondió ${statusCode}; sólo 200 y 201 dicen que el trabajo está hecho.`,
      ...(sobre?.palabras ?? [loQueLlego(respuesta)]),
    );
  if (sobre?.success === false)
    throw respuestaInvalida(
      `MsAdaptadorPKI respondió ${statusCode}, pero su sobre dice que falló (success: false).`,
      ...sobre.palabras,
    );
  const datos = esquema.safeParse(sobre?.data, enEspanol);
  if (datos.success) return datos.data;
  const faltas = datos.error.issues.map(({ path, message }) => `${['data', ...path].join('.')}: ${message}`);
  throw respuestaInvalida(
    `MsAdaptadorPKI respondió ${statusCode} con un cuerpo que no cumple su contrato.`,
    ...(sobre ? faltas : [loQueLlego(respuesta)]),
  );
}

function rechazo({ statusCode, headers }: RespuestaHttp, sobre: Sobre): PkiFallo {
  const [tipo, certeza, veredicto] = significado(statusCode);
  const palabras = lineasLegibles(sobre.palabras);
  return new PkiFallo({
    tipo,
    certeza,
    veredicto,
    detalles: palabras.length > 0 ? palabras : [`MsAdaptadorPKI respondió ${statusCode}.`],
    reintentarEnMs: retryAfterMs(headers['retry-after'], Date.now()),
  });
}

/** What the status of a refusal in the adapter's own envelope means, and which of them say clearly that nothing was done. */
function significado(statusCode: number): [TipoFallo, CertezaDeEnvio, Veredicto] {
  switch (statusCode) {
    case 404:
      return ['CIUDADANO_NO_ENCONTRADO', 'DEFINITIVO', 'RESPONDE'];
    case 422:
      return ['CIUDADANO_NO_CUMPLE_REQUISITOS', 'DEFINITIVO', 'RESPONDE'];
    case 400:
      return ['PKI_RECHAZO', 'NADA_HECHO', 'RESPONDE'];
    // Whoever asks is refused: it works for nobody.
    case 401:
    case 403:
      return ['PKI_RECHAZO', 'NADA_HECHO', 'NO_CONSTA'];
    case 408:
      return ['TIEMPO_PKI_AGOTADO', 'DESCONOCIDO', 'FALLA'];
    case 409:
      return ['PKI_NO_DISPONIBLE', 'DESCONOCIDO', 'RESPONDE'];
    case 429:
      return ['PKI_NO_DISPONIBLE', 'NADA_HECHO', 'NO_CONSTA'];
    case 503:
      return ['PKI_NO_DISPONIBLE', 'NADA_HECHO', 'FALLA'];
    default:
      if (statusCode < 500) return ['PKI_RECHAZO', 'DESCONOCIDO', 'RESPONDE'];
      return ['PKI_ERROR', 'DESCONOCIDO', 'FALLA'];
  }
}

export function respuestaInvalida(...detalles: string[]): PkiFallo {
  return new PkiFallo({
    tipo: 'PKI_RESPUESTA_INVALIDA',
    certeza: 'DESCONOCIDO',
    veredicto: 'FALLA',
    detalles,
  });
}
