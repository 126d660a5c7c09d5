/** The answer to bytes that never became a request, of which the app never hears. */
import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import { FALLOS_HTTP, type Fallo } from '../../../shared/nucleo/fallos.ts';
import { construirSobre, errorDeFallo } from '../peticion/sobre.ts';
import { CABECERAS_DE_SEGURIDAD } from './cabeceras-de-seguridad.ts';

/** Room for a token with many claims; Node's own default. */
export const CABECERAS_MAX_BYTES = 16 * 1024;

export const PETICION_TARDIA = 'ERR_HTTP_REQUEST_TIMEOUT';

/** As bytes to be written to its socket. */
export function respuestaCruda(
  code: string | undefined,
  ahora: Date,
): { statusCode: number; mensaje: string } {
  const { fallo, detalle } = causa(code);
  const { statusCode, titulo } = fallo;
  const correlationId = randomUUID();
  const cuerpo = JSON.stringify(
    construirSobre(
      statusCode,
      { success: false, message: titulo, data: null, error: errorDeFallo(fallo, [detalle]) },
      { correlationId, ahora, tiempoMs: 0 },
    ),
  );
  const lineas = [
    `HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode] ?? ''}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(cuerpo)}`,
    'Cache-Control: no-store',
    `X-Correlation-ID: ${correlationId}`,
    ...Object.entries(CABECERAS_DE_SEGURIDAD).map(([nombre, valor]) => `${nombre}: ${valor}`),
    'Connection: close',
  ];
  return { statusCode, mensaje: `${lineas.join('\r\n')}\r\n\r\n${cuerpo}` };
}

function causa(code: string | undefined): { fallo: Fallo; detalle: string } {
  if (code === PETICION_TARDIA)
    return { fallo: FALLOS_HTTP.TIEMPO_AGOTADO, detalle: 'petición: no llegó completa a tiempo' };
  if (code === 'HPE_HEADER_OVERFLOW')
    return {
      fallo: FALLOS_HTTP.CABECERAS_EXCESIVAS,
      detalle: `cabeceras: superan los ${CABECERAS_MAX_BYTES / 1024} kB admitidos`,
    };
  return { fallo: FALLOS_HTTP.VALIDACION, detalle: 'petición: no es HTTP válido' };
}
