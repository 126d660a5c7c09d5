/** What a domain gives the worker, and what it is given. */
import type { Registry } from 'prom-client';
import type { ClavesEnTemporal, ListaDeEjecuciones, MotorEmision } from '../shared/emision/motor.ts';
import type { RegistroDeMantenimiento } from '../shared/registro/mantenimiento.ts';
import type { Registro } from '../shared/registro/registro.ts';
import type { RegistroDeSoporte } from '../shared/registro/soporte.ts';
import type { Huella } from '../shared/runtime/cifrado.ts';
import type { Programacion } from './programaciones.ts';

export interface DominioDelWorker {
  /** Task queue. */
  cola: string;
  actividades: object;
  /** What it does by the clock. */
  programaciones: Programacion[];
}

export interface RecursosDelWorker {
  registro: Registro;
  soporte: RegistroDeSoporte;
  mantenimiento: RegistroDeMantenimiento;
  motor: MotorEmision;
  listarEjecuciones: ListaDeEjecuciones;
  clavesEnTemporal: ClavesEnTemporal;
  huella: Huella;
  /** The key that encrypts now. */
  claveActiva: string;
  registroMetricas: Registry;
}
