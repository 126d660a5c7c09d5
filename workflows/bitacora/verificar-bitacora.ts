/** Reads the whole audit log and reports what was tampered with. */
import { proxyActivities, setWorkflowOptions } from '@temporalio/workflow';
import {
  INTENTOS_DE_VERIFICACION,
  LATIDO_DE_VERIFICACION_MS,
  VERIFICACION_MAXIMA_MS,
  type ActividadesDeBitacora,
  type InformeDeBitacora,
} from '../../shared/bitacora/contrato.ts';
import type { RespuestaDeEjecucion } from '../../shared/nucleo/ejecuciones/orden.ts';
import { resultadoDeEstaEjecucion, soloDeEstaEjecucion } from '../ejecuciones/su-ejecucion.ts';
import { siempreEnLaActual } from '../version.ts';

const { verificar } = soloDeEstaEjecucion(
  proxyActivities<ActividadesDeBitacora>({
    startToCloseTimeout: VERIFICACION_MAXIMA_MS,
    heartbeatTimeout: LATIDO_DE_VERIFICACION_MS,
    retry: { maximumAttempts: INTENTOS_DE_VERIFICACION },
  }),
);

setWorkflowOptions(siempreEnLaActual, verificarBitacora);

/** @param notas checkpoints that whoever asks has kept */
export async function verificarBitacora(
  notas: string[] = [],
): Promise<RespuestaDeEjecucion<InformeDeBitacora>> {
  return resultadoDeEstaEjecucion(await verificar(notas));
}
