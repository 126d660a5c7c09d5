/** Workflows of the same names that wait before they begin: what a careless change would deploy. */
import { proxyLocalActivities, sleep, workflowInfo } from '@temporalio/workflow';
import type { ActividadesDeRegistro, EntradaEmision } from '../../shared/emision/contrato.ts';

const registro = proxyLocalActivities<ActividadesDeRegistro>({ startToCloseTimeout: '15 seconds' });

export async function emitirCertificadoDigital(entrada: EntradaEmision): Promise<void> {
  await sleep('1 second');
  await registro.registrarSolicitud({ ...entrada, inicio: workflowInfo().startTime.toISOString() });
}

const otro = () => sleep('1 second');
export {
  otro as abrirEpocaDeBitacora,
  otro as anotarEnBitacora,
  otro as aplicarRetencion,
  otro as conciliarSolicitudes,
  otro as recifrarRegistro,
  otro as reejecutarSolicitudes,
  otro as verificarBitacora,
};
