/** The activities of a pass, over a register and a Temporal that the test plays. */
import { defaultActivityInfo, MockActivityEnvironment } from '@temporalio/testing';
import { Registry } from 'prom-client';
import {
  createActividadesDeConciliacion,
  type DependenciasDeConciliacion,
} from '../../../../activities/emision/mantenimiento/actividades-de-conciliacion.ts';
import { createMetricasDeConciliacion } from '../../../../activities/emision/mantenimiento/metricas-de-conciliacion.ts';
import type { Recuento } from '../../../../shared/emision/mantenimiento.ts';
import type { RegistroDeMantenimiento } from '../../../../shared/registro/emision/registro-de-mantenimiento.ts';
import { CALLADO } from '../../../support/temporal/sdk-callado.ts';

export const INICIO = '2026-11-22T10:00:00.000Z';
export const NADA: Recuento = {
  revisadas: 0,
  interrumpidas: 0,
  reconstruidas: 0,
  sinConciliar: 0,
  diferencias: [],
};

/** Without an answer of the test's own, no run of any codigo is open. */
export function preparar(
  respuestas: Partial<DependenciasDeConciliacion['registro']>,
  listas: Partial<Pick<DependenciasDeConciliacion, 'listarAbiertas' | 'listarCerradas'>> = {},
) {
  const revisados: string[] = [];
  const metricas = new Registry();
  const conciliarUna: RegistroDeMantenimiento['conciliarUna'] = (codigo) => {
    revisados.push(codigo);
    return (
      respuestas.conciliarUna?.(codigo) ??
      Promise.resolve({ emision: null, accion: 'NINGUNA', pendiente: null })
    );
  };
  const actividades = createActividadesDeConciliacion({
    registro: {
      leerEnProceso: () => Promise.resolve([]),
      contarEnProceso: () => Promise.resolve(0),
      tieneRunAbierta: () => Promise.resolve(false),
      leerDuenos: (codigos) =>
        Promise.resolve(new Map(codigos.map((codigo) => [codigo, { runId: 'run', estado: 'EN_PROCESO' }]))),
      leerCandados: () =>
        Promise.resolve({
          candados: 0,
          candadoMasAntiguo: null,
          inciertas: 0,
          inciertaMasAntigua: null,
          sinRazon: [],
        }),
      leerUltimaEntrada: () => Promise.resolve(null),
      tieneEntrada: () => Promise.resolve(true),
      comprobar: () => Promise.resolve(),
      ...respuestas,
      conciliarUna,
    },
    listarAbiertas: () => Promise.resolve({ ejecuciones: [], siguiente: null }),
    listarCerradas: () => Promise.resolve({ ejecuciones: [], siguiente: null }),
    ...listas,
    metricas: createMetricasDeConciliacion(metricas),
  });
  return { actividades, revisados, metricas };
}

/** @param avance what the attempt before left with its last heartbeat */
export function entorno(avance?: unknown) {
  const { activityType: de, workflowExecution } = defaultActivityInfo;
  const env = new MockActivityEnvironment(
    { heartbeatDetails: avance && { runId: workflowExecution?.runId, de, avance } },
    { logger: CALLADO },
  );
  const latidos: unknown[] = [];
  env.on('heartbeat', (latido: unknown) => latidos.push(latido));
  return { env, latidos };
}

export const filas = (cuantas: number) =>
  Array.from({ length: cuantas }, (_, i) => ({
    codigo: `SOL-${String(i).padStart(4, '0')}`,
    aceptadaEn: new Date(Date.parse(INICIO) + i),
  }));

/** The rows behind a position, a page of them, as the register answers. */
export const porPaginas =
  (todas: ReturnType<typeof filas>): RegistroDeMantenimiento['leerEnProceso'] =>
  (despuesDe, limite) =>
    Promise.resolve(todas.filter(({ codigo }) => !despuesDe || codigo > despuesDe.codigo).slice(0, limite));
