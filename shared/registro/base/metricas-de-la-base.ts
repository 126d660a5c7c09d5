/** How the register's database answers: its statements, and the connections that they wait for. */
import { Gauge, Histogram, type Registry } from 'prom-client';
import type { Operacion } from './sentencia.ts';

/** What the database is measured by. */
export interface MetricasDeLaBase {
  /** A statement that was answered, or was not, without the wait for its connection. */
  sentencia(operacion: Operacion, ms: number, resultado: 'RESPONDIDA' | 'FALLIDA'): void;
  /** The wait for a connection of the pool, whatever came of it. */
  conexion(ms: number): void;
  /** @param leer how the pool stands, when the metrics are read */
  pool(leer: () => EstadoDelPool): void;
}

interface EstadoDelPool {
  abiertas: number;
  libres: number;
  enEspera: number;
}

/** From a row by its key to the deadline of a statement, 10 s. */
const TRAMOS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function createMetricasDeLaBase(coleccionDeMetricas: Registry): MetricasDeLaBase {
  const registers = [coleccionDeMetricas];
  const sentencias = new Histogram({
    name: 'register_statement_duration_seconds',
    help: 'Statements of the register by what they do and how they ended, without the wait for a connection',
    labelNames: ['operacion', 'resultado'],
    buckets: TRAMOS_S,
    registers,
  });
  const conexiones = new Histogram({
    name: 'register_connection_wait_seconds',
    help: 'Wait for a connection of the register’s pool',
    buckets: TRAMOS_S,
    registers,
  });
  return {
    sentencia(operacion, ms, resultado) {
      sentencias.observe({ operacion, resultado }, ms / 1_000);
    },
    conexion(ms) {
      conexiones.observe(ms / 1_000);
    },
    pool(leer) {
      new Gauge({
        name: 'register_pool_connections',
        help: 'Connections of the register’s pool: at work, free, and those that somebody waits for',
        labelNames: ['estado'],
        registers,
        collect() {
          const { abiertas, libres, enEspera } = leer();
          this.set({ estado: 'EN_USO' }, abiertas - libres);
          this.set({ estado: 'LIBRE' }, libres);
          this.set({ estado: 'EN_ESPERA' }, enEspera);
        },
      });
    },
  };
}
