/** Opens an epoch of the audit log because support says that the register was restored. */
import { proxyActivities } from '@temporalio/workflow';
import {
  INTENTOS_DE_VERIFICACION,
  LATIDO_DE_VERIFICACION_MS,
  type ActividadesDeBitacora,
} from '../../shared/bitacora/contrato.ts';
import type { DeSuEjecucion } from '../../shared/nucleo/orden.ts';
import { deEsta, deEstaEjecucion } from '../ejecuciones/su-ejecucion.ts';

const { abrirEpoca } = deEstaEjecucion(
  proxyActivities<ActividadesDeBitacora>({
    startToCloseTimeout: LATIDO_DE_VERIFICACION_MS,
    retry: { maximumAttempts: INTENTOS_DE_VERIFICACION },
  }),
);

/** @returns the new epoch; null where another one had begun meanwhile */
export async function abrirEpocaDeBitacora(
  motivo: string,
  quien?: string,
): Promise<DeSuEjecucion<number | null>> {
  return deEsta(await abrirEpoca(motivo, quien));
}
