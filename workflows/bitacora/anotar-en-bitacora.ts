/** Notes in the audit log what a person decided about it, and why. */
import { proxyActivities } from '@temporalio/workflow';
import {
  INTENTOS_DE_VERIFICACION,
  LATIDO_DE_VERIFICACION_MS,
  type ActividadesDeBitacora,
  type OrdenDeAnotacion,
} from '../../shared/bitacora/contrato.ts';
import type { RespuestaDeEjecucion } from '../../shared/nucleo/ejecuciones/orden.ts';
import { resultadoDeEstaEjecucion, soloDeEstaEjecucion } from '../ejecuciones/su-ejecucion.ts';

const { anotar } = soloDeEstaEjecucion(
  proxyActivities<ActividadesDeBitacora>({
    startToCloseTimeout: LATIDO_DE_VERIFICACION_MS,
    retry: { maximumAttempts: INTENTOS_DE_VERIFICACION },
  }),
);

/** @returns how many epochs were acknowledged, or entries adopted */
export async function anotarEnBitacora(orden: OrdenDeAnotacion): Promise<RespuestaDeEjecucion<number>> {
  return resultadoDeEstaEjecucion(await anotar(orden));
}
