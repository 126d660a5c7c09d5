/** The express app: what happens to every request, whatever its route. */
import { FALLOS_HTTP } from '../../../shared/nucleo/fallos.ts';
import { context } from '@opentelemetry/api';
import express, { type Express, type RequestHandler } from 'express';
import { leerVariable } from '../../../shared/runtime/config.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import { CABECERAS_DE_SEGURIDAD } from './cabeceras-de-seguridad.ts';
import { normalizarReenviadas } from './direccion.ts';
import { exigirSinFaltas, FalloHttp } from '../peticion/fallo-http.ts';
import { createManejadorDeErrores } from './manejador-de-errores.ts';
import type { MedirPeticion } from './metricas.ts';
import { abrirPeticion } from '../peticion/peticion.ts';
import { abrirTramoDePeticion } from './tramo-de-peticion.ts';
import { montarRutas, type Acceso, type Ruta } from '../peticion/ruta.ts';

interface AppDeps {
  rutas: readonly Ruta[];
  acceso: Acceso;
  medirPeticion: MedirPeticion;
  logger: Logger;
  reloj: () => Date;
  /** TRUST_PROXY: a number of hops, or addresses of proxies, comma separated. */
  trustProxy: string | undefined;
}

/** Status label of a request whose client left before the answer. */
const SIN_RESPUESTA = 'sin_respuesta';

export function createApp({ rutas, acceso, medirPeticion, logger, reloj, trustProxy }: AppDeps): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', false);
  app.enable('strict routing').enable('case sensitive routing');
  if (trustProxy !== undefined) confiarEn(app, trustProxy);

  const sinTraza = new Set(rutas.flatMap((ruta) => (ruta.permiso === null && ruta.siempre ? ruta.path : [])));
  app.use(abrir(medirPeticion, logger, reloj, sinTraza));
  app.use(exigirPocasCabeceras, exigirHost);
  montarRutas(app, rutas, acceso);
  app.use(createManejadorDeErrores(logger));
  return app;
}

function confiarEn(app: Express, trustProxy: string): void {
  leerVariable('TRUST_PROXY', () =>
    app.set('trust proxy', /^\d+$/.test(trustProxy) ? Number(trustProxy) : trustProxy),
  );
}

/** @throws ConfiguracionInvalida where TRUST_PROXY is neither a number of hops nor a list of addresses */
export function exigirProxies(trustProxy: string | undefined): void {
  if (trustProxy !== undefined) confiarEn(express(), trustProxy);
}

/**
 * Opens the request's record and its span, and closes them with one log line and its measure.
 * @param sinTraza paths that machines ask every second
 */
function abrir(
  medirPeticion: MedirPeticion,
  logger: Logger,
  reloj: () => Date,
  sinTraza: ReadonlySet<string>,
): RequestHandler {
  return (req, res, next) => {
    normalizarReenviadas(req);
    const peticion = abrirPeticion(req, res, reloj);
    res.set({ 'X-Correlation-ID': peticion.correlationId, ...CABECERAS_DE_SEGURIDAD });
    const tramo = abrirTramoDePeticion(req, peticion, !sinTraza.has(req.path));
    const cerrar = () => {
      const duracionMs = performance.now() - peticion.inicioMs;
      const medida = {
        route: peticion.ruta,
        method: req.method,
        status: res.writableFinished ? String(res.statusCode) : SIN_RESPUESTA,
      };
      medirPeticion(medida, duracionMs);
      const { cliente } = peticion;
      logger.info({ ...medida, ms: Math.round(duracionMs), cliente }, 'request');
      tramo.terminar(peticion.ruta, res.writableFinished ? res.statusCode : null);
    };
    res.on('close', context.bind(tramo.contexto, cerrar));
    context.with(tramo.contexto, next);
  };
}

/** A gateway adds some to the dozen that a client sends. Node itself would drop what is beyond its limit and say nothing. */
const CABECERAS_MAX = 100;

const exigirPocasCabeceras: RequestHandler = (req, _res, next) => {
  if (req.rawHeaders.length > 2 * CABECERAS_MAX)
    throw new FalloHttp(FALLOS_HTTP.CABECERAS_EXCESIVAS, [`cabeceras: son más de ${CABECERAS_MAX}`]);
  next();
};

/** RFC 9112, section 3.2; Node's own answer to it would have no envelope. */
const exigirHost: RequestHandler = (req, _res, next) => {
  if (req.httpVersion !== '1.0' && req.headersDistinct.host?.length !== 1)
    exigirSinFaltas(['Host: es obligatoria, una sola vez']);
  next();
};
