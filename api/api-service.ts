/** The API, listening: what it stands on is opened by whoever starts the process. */
import { once } from 'node:events';
import type { Registry } from 'prom-client';
import type { PruebasDeBitacora } from '../shared/bitacora/pruebas.ts';
import { PARTE_DE_UN_CLIENTE } from '../shared/emision/plazos.ts';
import { abrirPool } from '../shared/registro/base-de-datos.ts';
import type { Registro } from '../shared/registro/registro.ts';
import type { RegistroDeSoporte } from '../shared/registro/soporte.ts';
import type { Claves } from '../shared/runtime/claves.ts';
import { ConfiguracionInvalida, type Configuracion } from '../shared/runtime/config.ts';
import type { Comprobacion } from '../shared/runtime/health-server.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import { urlLocal } from '../shared/runtime/url-local.ts';
import { leerReglas } from './configuration.ts';
import { createApi } from './create-api.ts';
import { conAlertaDeAlterados } from './emision/certificados-alterados.ts';
import { createEmisionService } from './emision/emision-service.ts';
import { createEmisionesAbiertas } from './emision/emisiones-abiertas.ts';
import { createEmisionesDelCliente } from './emision/emisiones-del-cliente.ts';
import { createEsperasSimultaneas } from './emision/esperas-simultaneas.ts';
import type { MotorTemporal } from './emision/motor-temporal.ts';
import type { MotorDeReejecuciones } from './emision/soporte/motor-de-reejecuciones.ts';
import { registroQueResponde } from './emision/registro-que-responde.ts';
import { createLimitarPeticion } from './http/limites-de-peticiones.ts';
import { createMedirExceso, createMetricasDeCarga } from './http/metricas.ts';
import { createEntrarAlServicio } from './http/peticiones-simultaneas.ts';
import { createVerificarToken } from './http/token.ts';

export interface OpcionesDeApi {
  configuracion: Configuracion<'comun' | 'motor' | 'api'>;
  bitacora: PruebasDeBitacora;
  registro: Registro;
  soporte: RegistroDeSoporte;
  motor: MotorTemporal;
  motorDeReejecuciones: MotorDeReejecuciones;
  claves: Claves;
  registroMetricas: Registry;
  logger: Logger;
  /** Parts of the same process that must work too, for it to be ready. */
  comprobaciones?: Comprobacion[];
}

/** How often a server that stops looks for connections that became idle, and how long it waits for the others. */
const BARRIDO_MS = 100;
const CIERRE_MAXIMO_MS = 10_000;

/**
 * Connections of the limits' own: they neither wait behind the issuances nor as long. Where the database needs longer,
 * the limits are counted in memory.
 */
const POOL_DE_LIMITES = { conexiones: 3, conexionMs: 1_000, sentenciaMs: 1_000 };

/** A flood of connections is told of no more often. */
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
export async function startApiService(opciones: OpcionesDeApi): Promise<ApiService> {
  const {
    bitacora,
    registro,
    soporte,
    motor,
    claves,
    registroMetricas,
    logger,
    comprobaciones = [],
  } = opciones;
  const { comun, api, motor: configuracionDelMotor } = opciones.configuracion;
  const { DATABASE_URL } = comun;
  const parada = new AbortController();
  const almacenDeLimites = DATABASE_URL ? abrirPool(DATABASE_URL, POOL_DE_LIMITES) : null;
  const queResponde = registroQueResponde({
    ...registro,
    ...soporte,
    ...bitacora,
    leerCertificados: conAlertaDeAlterados((codigo) => registro.leerCertificados(codigo), {
      registroMetricas,
      logger,
    }),
  });
  const metricasDeCarga = createMetricasDeCarga(registroMetricas);
  const esperas = createEsperasSimultaneas(api.ESPERAS_SIMULTANEAS_MAX, metricasDeCarga);
  const avisarDeConexiones = cadaTanto(AVISO_MS, () => {
    logger.warn({ conexionesMax: api.CONEXIONES_MAX }, 'connections are closed: no more may be open');
  });
  /** By the last count. */
  let enTemporal = 0;
  const server = createApi({
    servicio: createEmisionService({
      registro: queResponde,
      motor,
      huella: claves.huella,
      adaptadorIdempotente: configuracionDelMotor.PKI_ADAPTER_IDEMPOTENTE,
      esperaSincronaMs: api.ESPERA_SINCRONA_MS,
      esperas,
      delCliente: createEmisionesDelCliente({
        maximo: Math.max(1, Math.floor(PARTE_DE_UN_CLIENTE * api.EMISIONES_ABIERTAS_MAX)),
        async contar() {
          const porCliente = await queResponde.contarEnProceso();
          const registradas = [...porCliente.values()].reduce((suma, suyas) => suma + suyas, 0);
          return { porCliente, sinRegistrar: Math.max(0, enTemporal - registradas) };
        },
        alRechazar() {
          metricasDeCarga.rechazada('emisiones');
          metricasDeCarga.rechazada('emisiones_del_cliente');
        },
      }),
      abiertas: createEmisionesAbiertas({
        maximo: api.EMISIONES_ABIERTAS_MAX,
        contar: async () => (enTemporal = await motor.contarAbiertas()),
        metricas: metricasDeCarga,
        alFallar: (error) => {
          logger.warn({ err: error }, 'open issuances cannot be counted');
        },
      }),
      parada: parada.signal,
    }),
    acceso: {
      entrarAlServicio: createEntrarAlServicio(
        api.PETICIONES_SIMULTANEAS_MAX,
        () => esperas.enEspera(),
        metricasDeCarga,
      ),
      verificarToken: createVerificarToken({ emisor: api.OIDC_ISSUER, audiencia: api.OIDC_AUDIENCE }),
      limitarPeticion: createLimitarPeticion({
        porMinuto: { cliente: api.LIMITE_CLIENTE_POR_MINUTO, oficina: api.LIMITE_OFICINA_POR_MINUTO },
        almacen: almacenDeLimites,
        huella: claves.huella,
        medirExceso: createMedirExceso(registroMetricas),
        logger,
      }),
    },
    soporte: queResponde,
    bitacora: queResponde,
    motorDeReejecuciones: opciones.motorDeReejecuciones,
    huella: claves.huella,
    reglas: leerReglas(api),
    comprobaciones: [
      { nombre: 'registro', comprobar: () => registro.comprobar() },
      { nombre: 'temporal', comprobar: () => motor.comprobar() },
      ...comprobaciones,
    ],
    registroMetricas,
    logger,
    reloj: () => new Date(),
    trustProxy: api.TRUST_PROXY,
    limites: { conexionesMax: api.CONEXIONES_MAX },
    alFaltarConexiones() {
      metricasDeCarga.rechazada('conexiones');
      avisarDeConexiones();
    },
  });
  server.listen(api.PORT, comun.HOST);
  await once(server, 'listening').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new ConfiguracionInvalida([`PORT: ${api.PORT} is taken; choose another`]);
  });
  return {
    url: urlLocal(comun.HOST, api.PORT),
    async detener() {
      const cerrado = once(server, 'close');
      parada.abort();
      server.close();
      // Those that are answered now go idle one by one; one that never sends its request never does.
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
