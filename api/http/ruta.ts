/** The table of routes: express, the 405 with its Allow and the OpenAPI document are all made from it. */
import type { Express, Request, RequestHandler, Response } from 'express';
import { FalloHttp } from './fallo-http.ts';
import { peticionDe } from './peticion.ts';
import type { OperacionDocumentada } from './operacion-documentada.ts';
import { exigirPermiso, type Identidad, type Permiso, type VerificarToken } from './token.ts';

interface Comun {
  metodo: 'GET' | 'POST';
  /** As OpenAPI writes it: `/solicitudes/{codigoSolicitudTramite}`. */
  path: string;
  /** Absent where the document does not show the route. */
  documento?: OperacionDocumentada;
}

interface RutaProtegida extends Comun {
  permiso: Permiso;
  atender: (req: Request, res: Response, quien: Identidad) => Promise<void> | void;
}

export interface RutaAbierta extends Comun {
  permiso: null;
  atender: (req: Request, res: Response) => Promise<void> | void;
}

export type Ruta = RutaProtegida | RutaAbierta;

/** Puts every route of the table on the app: path and method first, then token, scope, and the route's own steps. */
export function montarRutas(app: Express, rutas: readonly Ruta[], verificarToken: VerificarToken): void {
  for (const [path, delPath] of Map.groupBy(rutas, (ruta) => ruta.path))
    app.all(path.replaceAll(/\{(\w+)\}/g, ':$1'), atenderPath(path, delPath, verificarToken));
  app.use(() => {
    throw new FalloHttp('RUTA_NO_ENCONTRADA');
  });
}

function atenderPath(path: string, rutas: readonly Ruta[], verificarToken: VerificarToken): RequestHandler {
  const metodos = rutas.flatMap(({ metodo }) => (metodo === 'GET' ? ['GET', 'HEAD'] : [metodo]));
  const cabeceras = { Allow: [...metodos, 'OPTIONS'].join(', ') };
  return async (req, res) => {
    const peticion = peticionDe(res);
    peticion.ruta = path;
    if (req.method === 'OPTIONS') {
      res.set(cabeceras).end();
      return;
    }
    const metodo = req.method === 'HEAD' ? 'GET' : req.method;
    const ruta = rutas.find((candidata) => candidata.metodo === metodo);
    if (ruta === undefined) throw new FalloHttp('METODO_NO_PERMITIDO', [], { cabeceras });
    if (ruta.permiso === null) {
      await ruta.atender(req, res);
      return;
    }
    const quien = await verificarToken(req.headers.authorization);
    peticion.cliente = quien.cliente;
    exigirPermiso(quien, ruta.permiso);
    await ruta.atender(req, res, quien);
  };
}
