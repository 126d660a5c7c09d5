/** How a worker is told of what is not this service's: by its workflows over a sink, by what stands before its activities. */
import type { ActivityInterceptorsFactory, InjectedSinks } from '@temporalio/worker';
import type { Registry } from 'prom-client';
import { createGuardaDeActividades } from '../activities/ejecuciones/actividades-ajenas.ts';
import { createMetricasDeAjenos } from '../activities/ejecuciones/metricas-de-ajenos.ts';
import type { Ajeno, AvisosDeAjenos } from '../shared/nucleo/ejecuciones/ajeno.ts';

/** @param coleccionDeMetricas of the process: all its workers count together */
export function vigilarAjenos(coleccionDeMetricas: Registry): {
  interceptors: { activity: ActivityInterceptorsFactory[] };
  sinks: InjectedSinks<AvisosDeAjenos>;
} {
  const metricas = createMetricasDeAjenos(coleccionDeMetricas);
  const contar = (tipo: Ajeno) => {
    metricas.visto(tipo);
  };
  return {
    interceptors: { activity: [createGuardaDeActividades(contar)] },
    sinks: {
      ajenos: {
        visto: {
          fn: (_run, tipo) => {
            contar(tipo);
          },
          // What was counted once is not counted again at each replay.
          callDuringReplay: false,
        },
      },
    },
  };
}
