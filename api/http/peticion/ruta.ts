/** The table of routes: express, the 405 with its Allow and the OpenAPI document are all made from it. */
import { FALLOS_HTTP } from '../../../shared/nucleo/fallos.ts';
import { exigirDistintos } from '../../../shared/nucleo/sin-repetir.ts';
import type { Express, Request, RequestHandler, Response } from 'express';
import { FalloHttp } from './fallo-http.ts';
import { peticionDe } from './peticion.ts';
import type { OperacionDocumentada } from '../documento/operacion-documentada.ts';
import type { LimitarPeticion } from '../carga/limites-de-peticiones.ts';
import type { EntrarAlServicio } from '../carga/peticiones-simultaneas.ts';
import { exigirPermiso, type Identidad, type Permiso } from '../acceso/token.ts';
import { metodosHttpDe } from './metodos.ts';

interface Comun {
  metodo: 'GET' | 'POST';
  /** As OpenAPI writes it: `/solicitudes/{codigoSolicitudTramite}`. */
  path: string;
  /** Absent where the document does not show the route. */
  documento?: OperacionDocumentada;
  /** Whose pages may call it from a browser, with their visitor's session; absent: nobody's. */
  desdeOrigen?: string | undefined;
}

interface RutaProtegida extends Comun {
  permiso: Permiso;
  atender: (req: Request, res: Response, quien: Identidad) => Promise<void> | void;
}

export interface RutaAbierta extends Comun {
  permiso: null;
  /** Answered however busy the service is, since it tells how the service is; it costs next to nothing. */
  siempre?: true;
  atender: (req: Request, res: Response) => Promise<void> | void;
}

export type Ruta = RutaProtegida | RutaAbierta;

/**
 * Tells who sent the request.
 * @throws FalloHttp TOKEN_INVALIDO
 * @throws ServicioNoDisponible where that cannot be known now
 */
export type Identificar = (req: Request) => Promise<Identidad>;

/**
 * What a request passes before the route's own steps: the first of these every request, the others one to a protected
 * route.
 */
export interface Acceso {
  entrarAlServicio: EntrarAlServicio;
  identificar: Identificar;
  limitarPeticion: LimitarPeticion;
}

/** Puts every route of the table on the app: path and method first, then room, token, scope, limits, and the route's own steps. */
export function montarRutas(app: Express, rutas: readonly Ruta[], acceso: Acceso): void {
  const { entrarAlServicio } = acceso;
  exigirDistintos(
    'routes',
    rutas.map(({ metodo, path }) => `${metodo} ${path}`),
  );
  for (const [path, delPath] of Map.groupBy(rutas, (ruta) => ruta.path))
    app.all(path.replaceAll(/\{(\w+)\}/g, ':$1'), atenderPath(path, delPath, acceso));
  app.use((req, res) => {
    entrarAlServicio(req)();
    const metodos = metodosDe(res);
    if (metodos.size === 0) throw new FalloHttp(FALLOS_HTTP.RUTA_NO_ENCONTRADA);
    const cabeceras = { Allow: [...metodos, 'OPTIONS'].join(', ') };
    if (req.method !== 'OPTIONS') throw new FalloHttp(FALLOS_HTTP.METODO_NO_PERMITIDO, [], { cabeceras });
    res.set(cabeceras).end();
  });
}

/** What a browser asks before it sends the call of another origin's page, and checks before it hands over the answer. */
function permitirOrigen(req: Request, res: Response, rutas: readonly Ruta[]): void {
  const { origin } = req.headers;
  const abiertas = rutas.filter(({ desdeOrigen }) => desdeOrigen !== undefined);
  if (abiertas.length === 0) return;
  res.vary('Origin');
  if (!abiertas.some(({ desdeOrigen }) => desdeOrigen === origin)) return;
  res.set({
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Allow-Credentials': 'true',
    'Access-Control-Allow-Methods': abiertas.map(({ metodo }) => metodo).join(', '),
    'Access-Control-Allow-Headers': 'Content-Type, X-Namespace, Authorization',
    'Access-Control-Max-Age': '600',
  });
}

/** Methods of the paths that matched but do not take the request's own method. */
function metodosDe(res: Response): Set<string> {
  return (res.locals.metodos ??= new Set()) as Set<string>;
}

/** A path that does not take the method leaves it to the next that matches: `busqueda` is also a codigo. */
function atenderPath(
  path: string,
  rutas: readonly Ruta[],
  { entrarAlServicio, identificar, limitarPeticion }: Acceso,
): RequestHandler {
  const metodos = rutas.flatMap(({ metodo }) => metodosHttpDe(metodo));
  return async (req, res, next) => {
    const peticion = peticionDe(res);
    peticion.ruta = path;
    permitirOrigen(req, res, rutas);
    const metodo = req.method === 'HEAD' ? 'GET' : req.method;
    const ruta = rutas.find((candidata) => candidata.metodo === metodo);
    if (ruta === undefined) {
      for (const admitido of metodos) metodosDe(res).add(admitido);
      next();
      return;
    }
    if (ruta.permiso === null && ruta.siempre) {
      await ruta.atender(req, res);
      return;
    }
    const salir = entrarAlServicio(req);
    try {
      if (ruta.permiso === null) {
        await ruta.atender(req, res);
        return;
      }
      const quien = await identificar(req);
      peticion.cliente = quien.cliente;
      exigirPermiso(quien, ruta.permiso);
      await limitarPeticion(res, quien, null);
      await ruta.atender(req, res, quien);
    } finally {
      salir();
    }
  };
}
