/**
 * What Temporal brings to any workflow and is not sealed for it is refused here: nobody of ours began a run with such an
 * input, and no activity or child of ours ended with such a result (ADR 44).
 */
import { ApplicationFailure } from '@temporalio/common';
import { log, type WorkflowInterceptorsFactory } from '@temporalio/workflow';
import { esCargaRechazada } from '../shared/nucleo/carga-rechazada.ts';

export const interceptors: WorkflowInterceptorsFactory = () => ({
  inbound: [
    {
      // In a promise: the SDK takes what is thrown before one for a fault of its own.
      async execute(input, next) {
        if (input.args.some(esCargaRechazada)) throw ajeno('EJECUCION_AJENA');
        return next(input);
      },
    },
  ],
  outbound: [
    {
      scheduleActivity: async (input, next) => exigirPropio(await next(input)),
      scheduleLocalActivity: async (input, next) => exigirPropio(await next(input)),
      async startChildWorkflowExecution(input, next) {
        const [empezada, resultado] = await next(input);
        return [empezada, resultado.then(exigirPropio)];
      },
    },
  ],
});

function exigirPropio<T>(resultado: T): T {
  if (esCargaRechazada(resultado)) throw ajeno('RESULTADO_AJENO');
  return resultado;
}

function ajeno(type: 'EJECUCION_AJENA' | 'RESULTADO_AJENO'): ApplicationFailure {
  log.error('Temporal brought what this service did not seal for this run', { type });
  return ApplicationFailure.create({
    type,
    message: 'Temporal brought what this service did not seal for this run',
    nonRetryable: true,
  });
}
