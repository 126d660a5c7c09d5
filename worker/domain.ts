/** What a domain gives the worker, and what it is given. */
import type { Registry } from 'prom-client';
import type { Registro } from '../shared/registro/registro.ts';

export interface DominioDelWorker {
  /** Task queue. */
  cola: string;
  actividades: object;
}

export interface RecursosDelWorker {
  registro: Registro;
  registroMetricas: Registry;
}
