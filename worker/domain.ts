/** What a domain gives the worker, and what it is given. */
import type { Registry } from 'prom-client';
import type { MotorEmision } from '../shared/emision/motor.ts';
import type { Registro } from '../shared/registro/registro.ts';
import type { RegistroDeSoporte } from '../shared/registro/soporte.ts';

export interface DominioDelWorker {
  /** Task queue. */
  cola: string;
  actividades: object;
}

export interface RecursosDelWorker {
  registro: Registro;
  soporte: RegistroDeSoporte;
  motor: MotorEmision;
  registroMetricas: Registry;
}
