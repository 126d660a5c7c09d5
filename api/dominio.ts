/** What a domain gives the API, and what it is given. */
import type { LectorDeCodigo } from '../shared/nucleo/ejecuciones/lector-de-codigo.ts';
import type { Client } from '@temporalio/client';
import type { Registry } from 'prom-client';
import type { Seccion } from '../shared/nucleo/variables.ts';
import type { GuardaDeTemporal } from '../shared/registro/base/temporal-del-registro.ts';
import type { BaseDeDatos } from '../shared/registro/dominios.ts';
import type { Claves } from '../shared/runtime/claves/claves.ts';
import type { Entorno } from '../shared/runtime/config.ts';
import type { Comprobacion } from '../shared/runtime/health-server.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import type { Acceso, Ruta } from './http/peticion/ruta.ts';
import type { MetricasDeCarga } from './http/servidor/metricas.ts';

export interface DominioDelApi {
  rutas: readonly Ruta[];
  /** What /health/ready asks, beside the parts of the service itself. */
  comprobaciones?: readonly Comprobacion[];
  /** Requests that hold a place to wait for work that goes on elsewhere: they cost this process next to nothing. */
  enEspera?(): number;
}

export interface RecursosDelApi {
  db: BaseDeDatos;
  claves: Claves;
  client: Client;
  /** Shares its connection with a worker of this process, which then takes at once what is started through it. */
  clientDelWorker: Client | undefined;
  guarda: GuardaDeTemporal;
  /** Counts a request against what its client, and its office, may send. */
  acceso: Pick<Acceso, 'limitarPeticion'>;
  coleccionDeMetricas: Registry;
  metricasDeCarga: MetricasDeCarga;
  logger: Logger;
  reloj: () => Date;
  /** Aborted when the process stops: clients that wait are told at once that the work goes on. */
  parada: AbortSignal;
}

/** A domain that has read its configuration. */
export interface DominioPreparado {
  crear(recursos: RecursosDelApi): DominioDelApi;
}

/** What a domain says of what it keeps sealed in Temporal, for whoever opens it for a person. */
export interface EnTemporal {
  /** Names of members that may be shown to who may not see personal data, and texts of the service's own. */
  camposVisibles: readonly string[];
  textosVisibles: readonly string[];
  /** What an audit entry about work under this id is about; null where it is not this domain's. */
  codigoDe: LectorDeCodigo;
}

export interface DefinicionDelApi {
  /** Absent: it keeps nothing there. */
  enTemporal?: EnTemporal;
  /** What preparar reads of the environment. */
  secciones: readonly Seccion[];
  /**
   * Finds the faults that preparar would find in the environment, and makes nothing.
   * @param porHacer variables that name what this start will make
   * @throws ConfiguracionInvalida
   */
  revisar(entorno?: Entorno, porHacer?: readonly string[]): void;
  /** @throws ConfiguracionInvalida */
  preparar(entorno?: Entorno): DominioPreparado;
}
