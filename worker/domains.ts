/** The domains that a worker serves: one entry each, with its own task queue. */
import type { Registry } from 'prom-client';
import type { Registro } from '../shared/registro/registro.ts';
import { createEmision, type ConfiguracionDeEmision } from './emision.ts';

export interface DominioDelWorker {
  cola: string;
  actividades: object;
}

export interface RecursosDelWorker {
  registro: Registro;
  registroMetricas: Registry;
}

export function createDominios(
  configuracion: ConfiguracionDeEmision,
  recursos: RecursosDelWorker,
): DominioDelWorker[] {
  return [createEmision(configuracion, recursos)];
}
