/** The one place that makes HTTP of a failure. */
import type { ErrorRequestHandler, Response } from 'express';
import { FALLOS_HTTP } from '../../../shared/nucleo/fallos.ts';
import { ServicioNoDisponible } from '../../../shared/nucleo/servicio-no-disponible.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import { FalloHttp } from '../peticion/fallo-http.ts';
import { peticionDe, responder } from '../peticion/peticion.ts';
import { errorDeFallo } from '../peticion/sobre.ts';

/** A part that is down is asked again after this. */
const REINTENTAR_EN_S = 5;

export function createManejadorDeErrores(logger: Logger): ErrorRequestHandler {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- express tells an error handler by its four parameters
  return (error: unknown, _req, res: Response, _next) => {
    const { ruta } = peticionDe(res);
    const fallo = aFalloHttp(error);
    if (fallo !== error) {
      const nivel = fallo.fallo === FALLOS_HTTP.ERROR_INTERNO ? 'error' : 'warn';
      logger[nivel]({ err: error, ruta }, fallo.message);
    }
    if (res.headersSent) {
      // Half an answer went out: only a cut tells the client that it is not whole.
      res.destroy();
      return;
    }
    const { message } = fallo;
    responder(
      res,
      fallo.fallo.statusCode,
      {
        success: false,
        message,
        data: fallo.data,
        error: errorDeFallo(fallo.fallo, fallo.detalles, message),
      },
      fallo.cabeceras,
    );
  };
}

function aFalloHttp(error: unknown): FalloHttp {
  if (error instanceof FalloHttp) return error;
  if (error instanceof ServicioNoDisponible)
    return new FalloHttp(FALLOS_HTTP.SERVICIO_NO_DISPONIBLE, [], {
      cabeceras: { 'Retry-After': String(REINTENTAR_EN_S) },
    });
  // Express decodes the path's parameters before any step of ours.
  if (error instanceof URIError)
    return new FalloHttp(FALLOS_HTTP.VALIDACION, [
      'ruta: tiene una secuencia «%» que no es UTF-8 codificado',
    ]);
  return new FalloHttp(FALLOS_HTTP.ERROR_INTERNO);
}
