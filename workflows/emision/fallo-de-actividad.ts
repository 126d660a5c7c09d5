/** What an activity threw, as a failure of the issuance. */
import { DefaultFailureConverter, defaultPayloadConverter } from '@temporalio/common';
import { ActivityFailure, ApplicationFailure, isCancellation, TimeoutFailure } from '@temporalio/workflow';
import type { Paso } from '../../shared/emision/contrato.ts';
import { esTipoFallo, FALLOS, type FalloDeEmision } from '../../shared/emision/fallos.ts';
import { esListaDeTextos } from '../../shared/nucleo/json.ts';

const converter = new DefaultFailureConverter();

/** @param cancelada the run was asked to cancel: that is then the reason, whatever the last attempt said */
export function falloPorActividad(error: unknown, paso: Paso | null, cancelada = false): FalloDeEmision {
  const causa = causaDe(error);
  if (cancelada || isCancellation(error))
    return {
      tipo: 'EMISION_CANCELADA',
      paso,
      detalles: [
        'Un operador canceló la ejecución.',
        ...(causa instanceof ApplicationFailure ? [`Último intento: ${causa.message}`] : []),
      ],
    };
  if (causa instanceof ApplicationFailure && esTipoFallo(causa.type)) {
    const { titulo } = FALLOS[causa.type];
    const detalles = causa.details?.[0];
    return { tipo: causa.type, paso, detalles: esListaDeTextos(detalles) ? detalles : [titulo] };
  }
  // Only in runs that began when the server itself closed the retry window.
  if (causa instanceof TimeoutFailure)
    return {
      tipo: 'TIEMPO_PKI_AGOTADO',
      paso,
      detalles: ['Ningún intento terminó dentro de la ventana de reintentos.'],
    };
  return {
    tipo: 'ERROR_INTERNO',
    paso,
    detalles: ['Error interno; el detalle está en el registro de eventos del worker.'],
  };
}

/** An attempt that timed out after others had failed says less than they did. */
export function causaDe(error: unknown): unknown {
  if (error instanceof ActivityFailure) return causaDe(error.cause);
  // The SDK does not read the cause of a timeout; the server's own failure holds it. A cause in clear is not ours.
  const anterior = error instanceof TimeoutFailure ? error.failure?.cause : null;
  return anterior?.encodedAttributes
    ? causaDe(converter.failureToError(anterior, defaultPayloadConverter))
    : error;
}
