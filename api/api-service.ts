/**
 * The API, listening. What it stands on is opened and closed by whoever starts the process, but for the connections of its
 * limits, which are its own.
 */
import { once } from 'node:events';
import { abrirPool } from '../shared/registro/base/base-de-datos.ts';
import { ConfiguracionInvalida, type Configuracion } from '../shared/runtime/config.ts';
import type { Comprobacion } from '../shared/runtime/health-server.ts';
import type { COMUN } from '../shared/runtime/secciones.ts';
import { urlLocal } from '../shared/runtime/url-local.ts';
import type { API } from './configuracion.ts';
import { createApi } from './create-api.ts';
import type { DominioPreparado, RecursosDelApi } from './dominio.ts';
import type { Identificar } from './http/peticion/ruta.ts';
import { createVerificadorDeToken, porToken } from './http/acceso/token.ts';
import { createLimitadorDePeticiones } from './http/carga/limites-de-peticiones.ts';
import { createAdmisionDePeticiones } from './http/carga/peticiones-simultaneas.ts';
import { createMedidorDeExcesos, createMetricasDeCarga } from './http/servidor/metricas.ts';

export interface OpcionesDeApi extends Omit<
  RecursosDelApi,
  'acceso' | 'metricasDeCarga' | 'reloj' | 'parada'
> {
  configuracion: Configuracion<{ comun: typeof COMUN; api: typeof API }>;
  /** As of createApi. */
  documentada?: boolean;
  /** Names the port where it is taken. */
  variableDelPuerto?: string;
  /** How it is known who calls; absent: by the token alone. */
  identificar?: Identificar;
  dominios: readonly DominioPreparado[];
  /** Parts of the process that must work for it to be ready, beside those of its domains. */
  comprobaciones: readonly Comprobacion[];
}

/** How often a server that stops looks for connections that became idle, and how long it waits for the others. */
const BARRIDO_MS = 100;
const CIERRE_MAXIMO_MS = 10_000;

/**
 * The limits have connections of their own, so that they do not wait behind the issuances, and shorter deadlines: where
 * the database needs longer, they are counted in memory.
 */
const POOL_DE_LIMITES = { conexiones: 3, conexionMs: 1_000, sentenciaMs: 1_000 };

/** A flood of connections is logged no more often than this. */
const AVISO_MS = 10_000;

function cadaTanto(ms: number, avisar: () => void): () => void {
  let ultimoMs = -Infinity;
  return () => {
    if (performance.now() - ultimoMs < ms) return;
    ultimoMs = performance.now();
    avisar();
  };
}

export interface ApiService {
  url: string;
  /** Takes no new request, answers those that wait (what they wait for goes on), and ends. */
  detener(): Promise<void>;
}

/** @throws ConfiguracionInvalida where the port is taken */
export async function startApiService({
  configuracion,
  variableDelPuerto = 'PORT',
  identificar,
  documentada,
  dominios: preparados,
  comprobaciones,
  ...recursos
}: OpcionesDeApi): Promise<ApiService> {
  const { claves, coleccionDeMetricas, logger } = recursos;
  const { comun, api } = configuracion;
  const { DATABASE_URL } = comun;
  const parada = new AbortController();
  const reloj = () => new Date();
  const almacenDeLimites = DATABASE_URL ? abrirPool(DATABASE_URL, POOL_DE_LIMITES) : null;
  const limitarPeticion = createLimitadorDePeticiones({
    porMinuto: { cliente: api.LIMITE_CLIENTE_POR_MINUTO, oficina: api.LIMITE_OFICINA_POR_MINUTO },
    almacen: almacenDeLimites,
    huella: claves.huella,
    medirExceso: createMedidorDeExcesos(coleccionDeMetricas),
    logger,
  });
  const metricasDeCarga = createMetricasDeCarga(coleccionDeMetricas);
  const dominios = preparados.map((dominio) =>
    dominio.crear({
      ...recursos,
      acceso: { limitarPeticion },
      metricasDeCarga,
      reloj,
      parada: parada.signal,
    }),
  );
  const enEspera = () => dominios.reduce((suma, dominio) => suma + (dominio.enEspera?.() ?? 0), 0);
  const rechazarConexion = metricasDeCarga.tope('conexiones');
  const avisarDeConexiones = cadaTanto(AVISO_MS, () => {
    logger.warn({ conexionesMax: api.CONEXIONES_MAX }, 'connections are closed: no more may be open');
  });
  const server = createApi({
    rutas: dominios.flatMap(({ rutas }) => rutas),
    acceso: {
      entrarAlServicio: createAdmisionDePeticiones(api.PETICIONES_SIMULTANEAS_MAX, enEspera, metricasDeCarga),
      identificar:
        identificar ??
        porToken(createVerificadorDeToken({ emisor: api.OIDC_ISSUER, audiencia: api.OIDC_AUDIENCE })),
      limitarPeticion,
    },
    comprobaciones: [...dominios.flatMap((dominio) => dominio.comprobaciones ?? []), ...comprobaciones],
    documentada,
    coleccionDeMetricas,
    logger,
    reloj,
    trustProxy: api.TRUST_PROXY,
    limites: { conexionesMax: api.CONEXIONES_MAX },
    alFaltarConexiones() {
      rechazarConexion();
      avisarDeConexiones();
    },
  });
  server.listen(api.PORT, comun.HOST);
  await once(server, 'listening').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new ConfiguracionInvalida([`${variableDelPuerto}: ${api.PORT} is taken; choose another`]);
  });
  return {
    url: urlLocal(comun.HOST, api.PORT),
    async detener() {
      const cerrado = once(server, 'close');
      parada.abort();
      server.close();
      // Connections that are being answered become idle one by one; one whose client never sends its request never does.
      const barrido = setInterval(() => {
        server.closeIdleConnections();
      }, BARRIDO_MS);
      const corte = setTimeout(() => {
        server.closeAllConnections();
      }, CIERRE_MAXIMO_MS);
      await cerrado;
      clearInterval(barrido);
      clearTimeout(corte);
      await almacenDeLimites?.end();
    },
  };
}
