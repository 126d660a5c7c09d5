/** A part of the service, which a process may serve alone or beside the other: what it reads, and how it is started. */
import type { Client } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import type { Registry } from 'prom-client';
import type { Seccion } from '../shared/nucleo/variables.ts';
import type { GuardaDeTemporal } from '../shared/registro/base/temporal-del-registro.ts';
import type { BaseDeDatos } from '../shared/registro/dominios.ts';
import type { Claves } from '../shared/runtime/claves/claves.ts';
import type { Configuracion, Entorno } from '../shared/runtime/config.ts';
import type { Comprobacion } from '../shared/runtime/health-server.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import type { CLAVES, COMUN, TEMPORAL, TRAZAS } from '../shared/runtime/secciones.ts';

/** What every process reads. */
export type ConfiguracionComun = Configuracion<{
  comun: typeof COMUN;
  claves: typeof CLAVES;
  temporal: typeof TEMPORAL;
  trazas: typeof TRAZAS;
}>;

/** What a process opened, for each of its parts. */
export interface RecursosDeProceso {
  db: BaseDeDatos;
  claves: Claves;
  /** Of the part alone; its connection is the process's. */
  client: Client;
  guarda: GuardaDeTemporal;
  coleccionDeMetricas: Registry;
  logger: Logger;
  configuracion: ConfiguracionComun;
  /** The connection of the process's worker; null where it has none. */
  nativa: NativeConnection | null;
  /** What the parts that were started before this one say of themselves. */
  comprobaciones: readonly Comprobacion[];
  /** The process serves nothing else. */
  estaSola: boolean;
}

export interface ParteEnMarcha {
  /** Rejects where it died. */
  fin?: Promise<void>;
  comprobaciones: readonly Comprobacion[];
  detener(): Promise<void>;
}

interface PartePreparada {
  /** Public keys that it signs the audit log with, the current one first. */
  firmas: readonly string[];
  empezar(recursos: RecursosDeProceso): Promise<ParteEnMarcha>;
}

export interface Parte {
  /** It runs workflows and activities: without Temporal it is of no use, and it needs a connection of its own. */
  esWorker: boolean;
  /** All that it and its domains read. */
  secciones: readonly Seccion[];
  /**
   * Makes nothing.
   * @param porHacer variables that name what this start will make
   * @throws ConfiguracionInvalida with every fault of them all
   */
  revisar(entorno?: Entorno, porHacer?: readonly string[]): void;
  /** @throws ConfiguracionInvalida */
  preparar(): PartePreparada;
}
