/** One pass of retention. */
import { proxyActivities, setWorkflowOptions } from '@temporalio/workflow';
import type { ActividadesDeRetencion, InformeDeRetencion } from '../../shared/emision/mantenimiento.ts';
import {
  LATIDO_DE_MANTENIMIENTO_MS,
  MANTENIMIENTO_MAXIMO_MS,
  REINTENTOS_DE_MANTENIMIENTO,
} from '../../shared/nucleo/plazos.ts';
import type { RespuestaDeEjecucion } from '../../shared/nucleo/ejecuciones/orden.ts';
import { resultadoDeEstaEjecucion, soloDeEstaEjecucion } from '../ejecuciones/su-ejecucion.ts';
import { siempreEnLaActual } from '../version.ts';

// It goes on from its last heartbeat; what a pass leaves that took too long is done by the next one.
const { retirarVencidos } = soloDeEstaEjecucion(
  proxyActivities<ActividadesDeRetencion>({
    heartbeatTimeout: LATIDO_DE_MANTENIMIENTO_MS,
    scheduleToCloseTimeout: MANTENIMIENTO_MAXIMO_MS,
    retry: REINTENTOS_DE_MANTENIMIENTO,
  }),
);

setWorkflowOptions(siempreEnLaActual, aplicarRetencion);

export async function aplicarRetencion(): Promise<RespuestaDeEjecucion<InformeDeRetencion>> {
  return resultadoDeEstaEjecucion(await retirarVencidos({}));
}
