/** After a rotation of keys: the register is written anew under the first one, and what Temporal keeps is counted. */
import { proxyActivities, setWorkflowOptions } from '@temporalio/workflow';
import {
  RECIFRADO_MAXIMO_MS,
  type ActividadesDeRecifrado,
  type InformeDeRecifrado,
  type OrdenDeRecifrado,
} from '../../shared/mantenimiento/recifrado.ts';
import { LATIDO_DE_MANTENIMIENTO_MS, REINTENTOS_DE_MANTENIMIENTO } from '../../shared/nucleo/plazos.ts';
import type { RespuestaDeEjecucion } from '../../shared/nucleo/ejecuciones/orden.ts';
import { resultadoDeEstaEjecucion, soloDeEstaEjecucion } from '../ejecuciones/su-ejecucion.ts';
import { siempreEnLaActual } from '../version.ts';

// They go on from their last heartbeat.
const { recifrarTablas, contarEjecuciones } = soloDeEstaEjecucion(
  proxyActivities<ActividadesDeRecifrado>({
    heartbeatTimeout: LATIDO_DE_MANTENIMIENTO_MS,
    scheduleToCloseTimeout: RECIFRADO_MAXIMO_MS,
    retry: REINTENTOS_DE_MANTENIMIENTO,
  }),
);

setWorkflowOptions(siempreEnLaActual, recifrarRegistro);

export async function recifrarRegistro({
  claveActiva,
}: OrdenDeRecifrado): Promise<RespuestaDeEjecucion<InformeDeRecifrado>> {
  const tablas = await recifrarTablas(claveActiva);
  const enTemporal = await contarEjecuciones(claveActiva);
  return resultadoDeEstaEjecucion({ tablas, enTemporal });
}
