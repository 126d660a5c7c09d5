/** Opens an epoch of the audit log because support says that the register was restored. */
import { proxyActivities } from '@temporalio/workflow';
import {
  INTENTOS_DE_VERIFICACION,
  LATIDO_DE_VERIFICACION_MS,
  type ActividadesDeBitacora,
} from '../../shared/bitacora/contrato.ts';

const { abrirEpoca } = proxyActivities<ActividadesDeBitacora>({
  startToCloseTimeout: LATIDO_DE_VERIFICACION_MS,
  retry: { maximumAttempts: INTENTOS_DE_VERIFICACION },
});

export function abrirEpocaDeBitacora(motivo: string, quien?: string): Promise<number | null> {
  return abrirEpoca(motivo, quien);
}
