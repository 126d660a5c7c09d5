/** Opens an epoch of the audit log because support says that the register was restored. */
import { proxyActivities } from '@temporalio/workflow';
import {
  INTENTOS_DE_VERIFICACION,
  LATIDO_DE_VERIFICACION_MS,
  type ActividadesDeBitacora,
} from '../../shared/bitacora/contrato.ts';
import type { RespuestaDeEjecucion } from '../../shared/nucleo/ejecuciones/orden.ts';
import { resultadoDeEstaEjecucion, soloDeEstaEjecucion } from '../ejecuciones/su-ejecucion.ts';

const { abrirEpoca } = soloDeEstaEjecucion(
  proxyActivities<ActividadesDeBitacora>({
    startToCloseTimeout: LATIDO_DE_VERIFICACION_MS,
    retry: { maximumAttempts: INTENTOS_DE_VERIFICACION },
  }),
);

/** @returns the new epoch; null where another one had begun meanwhile */
export async function abrirEpocaDeBitacora(
  motivo: string,
  quien?: string,
): Promise<RespuestaDeEjecucion<number | null>> {
  return resultadoDeEstaEjecucion(await abrirEpoca(motivo, quien));
}
