/** One pass of reconciliation, from top to bottom: the rows that are open, the runs that Temporal knows, the report. */
import {
  proxyActivities,
  proxyLocalActivities,
  setWorkflowOptions,
  workflowInfo,
} from '@temporalio/workflow';
import type {
  ActividadesDeConciliacion,
  InformeDeConciliacion,
  OrdenDeConciliacion,
} from '../../shared/emision/mantenimiento.ts';
import {
  LATIDO_DE_MANTENIMIENTO_MS,
  MANTENIMIENTO_MAXIMO_MS,
  REINTENTOS_DE_MANTENIMIENTO,
} from '../../shared/nucleo/plazos.ts';
import { ESCRITURA_EN_EL_REGISTRO } from '../../shared/emision/plazos.ts';
import { esCargaRechazada } from '../../shared/nucleo/ejecuciones/carga-rechazada.ts';
import { nombraSuEjecucion, type RespuestaDeEjecucion } from '../../shared/nucleo/ejecuciones/orden.ts';
import { resultadoDeEstaEjecucion, soloDeEstaEjecucion } from '../ejecuciones/su-ejecucion.ts';
import { siempreEnLaActual } from '../version.ts';

const retry = REINTENTOS_DE_MANTENIMIENTO;

const breves = soloDeEstaEjecucion(
  proxyLocalActivities<ActividadesDeConciliacion>({
    ...ESCRITURA_EN_EL_REGISTRO,
    scheduleToCloseTimeout: MANTENIMIENTO_MAXIMO_MS,
    retry,
  }),
);

// They go on from their last heartbeat. One that never ends would keep the Schedule from beginning another pass.
const largas = soloDeEstaEjecucion(
  proxyActivities<ActividadesDeConciliacion>({
    heartbeatTimeout: LATIDO_DE_MANTENIMIENTO_MS,
    scheduleToCloseTimeout: MANTENIMIENTO_MAXIMO_MS,
    retry,
  }),
);

setWorkflowOptions(siempreEnLaActual, conciliarSolicitudes);

export async function conciliarSolicitudes(
  orden?: OrdenDeConciliacion,
): Promise<RespuestaDeEjecucion<InformeDeConciliacion>> {
  const inicio = workflowInfo().startTime.toISOString();
  // The report of the Schedule's last pass. A command's run has none, and looks at all that Temporal knows; so does the
  // pass after one that was stopped, since that one has not looked.
  const anterior = informeAnterior(workflowInfo().lastResult);
  const desde = await breves.desdeCuando(
    anterior && !anterior.detenida ? { inicio: anterior.inicio, testigo: anterior.testigo } : null,
  );
  const enProceso = await largas.conciliarEnProceso(orden);
  const recuentos = enProceso.detenida
    ? [enProceso]
    : [enProceso, await largas.conciliarEjecuciones(desde, orden)];
  return resultadoDeEstaEjecucion(await breves.informar(inicio, recuentos));
}

/** A report of an earlier version names no run. */
function informeAnterior(ultimo: unknown): InformeDeConciliacion | undefined {
  if (esCargaRechazada(ultimo)) return undefined;
  return (nombraSuEjecucion(ultimo) ? ultimo.respuesta : ultimo) as InformeDeConciliacion | undefined;
}
