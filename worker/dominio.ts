/** What a domain gives the worker, and what it is given. */
import type { LectorDeCodigo } from '../shared/nucleo/ejecuciones/lector-de-codigo.ts';
import type { Client } from '@temporalio/client';
import type { Registry } from 'prom-client';
import type { Seccion } from '../shared/nucleo/variables.ts';
import type { GuardaDeTemporal } from '../shared/registro/base/temporal-del-registro.ts';
import type { BaseDeDatos } from '../shared/registro/dominios.ts';
import type { Claves } from '../shared/runtime/claves/claves.ts';
import type { Entorno } from '../shared/runtime/config.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import type { Compuerta } from './lugares.ts';
import type { Programacion } from './programaciones.ts';

/** A task queue, and what its tasks are done by. Two domains may share one: their activities stand together. */
export interface Cola {
  nombre: string;
  actividades: object;
  /** Activities at once, in this process; of two domains those of both. */
  simultaneas: number;
  /** How long a stop waits for what is under way, in ms; of two domains the longer. */
  paradaMs: number;
  /** What holds its activities back, so that they wait in Temporal: the queue is then of one domain, and has activities only. */
  compuerta?: Compuerta;
  /** Activities that may begin in a second, over all workers. */
  porSegundo?: number;
}

/** Works beside the tasks until it is stopped. */
export interface ServicioDelDominio {
  /** Its part of /health/ready; absent: nothing depends on it. */
  salud?: { nombre: string; comprobar(): Promise<void> };
  detener(): Promise<void>;
}

export interface DominioDelWorker {
  /** The codigo that the id of a run of its names, by which its log lines are found; null where it names none. */
  codigoDe?: LectorDeCodigo;
  colas: readonly Cola[];
  /** What it does by the clock. */
  programaciones?: readonly Programacion[];
  /** Awaited before the worker takes its first task. It does not fail. */
  antesDeServir?(): Promise<void>;
  /** Begun once the worker runs. */
  empezarServicio?(): ServicioDelDominio;
}

export interface RecursosDelWorker {
  db: BaseDeDatos;
  claves: Claves;
  client: Client;
  guarda: GuardaDeTemporal;
  coleccionDeMetricas: Registry;
  logger: Logger;
}

/** A domain that has read its configuration. */
interface DominioPreparado {
  /** Public keys that it signs the audit log with, the current one first. */
  firmas?: readonly string[];
  crear(recursos: RecursosDelWorker): DominioDelWorker;
}

export interface DefinicionDelWorker {
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
