/** The API as a whole: one line for each domain's routes. */
import type { Server } from 'node:http';
import type { Registry } from 'prom-client';
import type { PruebasDeBitacora } from '../shared/bitacora/pruebas.ts';
import { createMedidorDeSalud, type Comprobacion } from '../shared/runtime/health-server.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import { rutasDeBitacora } from './bitacora/rutas.ts';
import { rutasDeEmision, type EmisionDeps } from './emision/rutas.ts';
import { createApp } from './http/app.ts';
import { rutasDeDocumentacion } from './http/documentacion.ts';
import { createMedirPeticion } from './http/metricas.ts';
import { rutasDeSalud } from './http/salud.ts';
import { createServidor, type LimitesHttp } from './http/servidor.ts';
import type { Acceso } from './http/ruta.ts';

export interface ApiDeps extends EmisionDeps {
  bitacora: PruebasDeBitacora;
  acceso: Acceso;
  /** What /health/ready asks. */
  comprobaciones: readonly Comprobacion[];
  registroMetricas: Registry;
  logger: Logger;
  /** TRUST_PROXY: a number of hops, or addresses of proxies, comma separated. */
  trustProxy: string | undefined;
  limites?: Partial<LimitesHttp>;
  alFaltarConexiones?: () => void;
}

/** The server, not yet listening. */
export function createApi(deps: ApiDeps): Server {
  const { comprobaciones, registroMetricas, logger } = deps;
  const medirSalud = createMedidorDeSalud(comprobaciones, (nombre, error) => {
    logger.warn({ err: error, parte: nombre }, 'readiness check failed');
  });
  const rutas = [
    ...rutasDeEmision(deps),
    ...rutasDeBitacora(deps),
    ...rutasDeSalud(medirSalud, registroMetricas),
  ];
  const medirPeticion = createMedirPeticion(registroMetricas);
  const app = createApp({ ...deps, rutas: [...rutas, ...rutasDeDocumentacion(rutas)], medirPeticion });
  return createServidor({ ...deps, app, medirPeticion });
}
