/** The API as a whole: the domains' routes, and those of any service. */
import type { Server } from 'node:http';
import type { Registry } from 'prom-client';
import { createMedidorDeSalud, medirPartes, type Comprobacion } from '../shared/runtime/health-server.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import { rutasDeDocumentacion } from './http/documento/documentacion.ts';
import type { Acceso, Ruta } from './http/peticion/ruta.ts';
import { createApp } from './http/servidor/app.ts';
import { createMedidorDePeticiones } from './http/servidor/metricas.ts';
import { rutasDeSalud } from './http/servidor/salud.ts';
import { createServidor, type LimitesHttp } from './http/servidor/servidor.ts';

export interface DependenciasDelApi {
  /** Of all domains, in the order of the OpenAPI document. */
  rutas: readonly Ruta[];
  acceso: Acceso;
  /** What /health/ready asks. */
  comprobaciones: readonly Comprobacion[];
  /** Whether it shows its OpenAPI document and page; absent: it does. */
  documentada?: boolean | undefined;
  coleccionDeMetricas: Registry;
  logger: Logger;
  reloj: () => Date;
  /** TRUST_PROXY: a number of hops, or addresses of proxies, comma separated. */
  trustProxy: string | undefined;
  limites?: Partial<LimitesHttp>;
  alFaltarConexiones?: () => void;
}

/** The server, not yet listening. */
export function createApi(deps: DependenciasDelApi): Server {
  const { comprobaciones, coleccionDeMetricas, logger, documentada = true } = deps;
  const medirSalud = createMedidorDeSalud(comprobaciones, (nombre, error) => {
    logger.warn({ err: error, parte: nombre }, 'readiness check failed');
  });
  medirPartes(comprobaciones, medirSalud, coleccionDeMetricas);
  const rutas = [...deps.rutas, ...rutasDeSalud(medirSalud, coleccionDeMetricas)];
  const todas = [...rutas, ...(documentada ? rutasDeDocumentacion(rutas) : [])];
  const medirPeticion = createMedidorDePeticiones(coleccionDeMetricas, todas);
  const app = createApp({ ...deps, rutas: todas, medirPeticion });
  return createServidor({ ...deps, app, medirPeticion });
}
