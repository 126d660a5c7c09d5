/** The worker's entry of the audit log: the service that keeps it, and what may be asked of it. */
import { createActividadesDeBitacora } from '../activities/bitacora/actividades-de-bitacora.ts';
import { deSuEjecucion } from '../activities/su-ejecucion.ts';
import {
  COLA_BITACORA,
  PROGRAMACION_VERIFICACION,
  RESUMEN_VERIFICACION,
  WORKFLOW_VERIFICACION,
} from '../shared/bitacora/contrato.ts';
import { createMetricasDeBitacora } from '../shared/bitacora/metricas.ts';
import { startServicioDeBitacora, type ServicioDeBitacora } from '../shared/bitacora/servicio-de-bitacora.ts';
import { compararConBitacora } from '../shared/registro/auditoria.ts';
import type { BaseDeDatos } from '../shared/registro/base-de-datos.ts';
import type { Claves } from '../shared/runtime/claves.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import type { Registry } from 'prom-client';
import type { ConfiguracionDeBitacora } from './configuracion-de-bitacora.ts';
import type { DominioDelWorker } from './domain.ts';

const VERIFICAR_CADA_MS = 24 * 3_600_000;

export interface RecursosDeBitacora {
  db: BaseDeDatos;
  claves: Claves;
  registroMetricas: Registry;
  logger: Logger;
}

export interface BitacoraDelWorker {
  dominio: DominioDelWorker;
  start(): ServicioDeBitacora;
}

export function createBitacora(
  configuracion: ConfiguracionDeBitacora,
  { registroMetricas, ...recursos }: RecursosDeBitacora,
): BitacoraDelWorker {
  const dependencias = {
    ...configuracion,
    ...recursos,
    metricas: createMetricasDeBitacora(registroMetricas),
    deDominios: [(avanzar: () => void) => compararConBitacora(recursos.db, recursos.claves, avanzar)],
  };
  return {
    dominio: {
      cola: COLA_BITACORA,
      actividades: deSuEjecucion(createActividadesDeBitacora(dependencias)),
      programaciones: [
        {
          id: PROGRAMACION_VERIFICACION,
          workflow: WORKFLOW_VERIFICACION,
          cola: COLA_BITACORA,
          // No checkpoints but those of the worker's own witness.
          orden: [],
          cadaMs: VERIFICAR_CADA_MS,
          recuperacionMs: VERIFICAR_CADA_MS,
          resumen: RESUMEN_VERIFICACION,
        },
      ],
    },
    start: () => startServicioDeBitacora(dependencias),
  };
}
