/**
 * Stands before every activity: whoever reaches Temporal can ask for one, by a worker of their own. What this service
 * asks for has a sealed argument (ADR 44).
 */
import type { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Ajeno } from '../../shared/nucleo/ejecuciones/ajeno.ts';
import { esCargaRechazada } from '../../shared/nucleo/ejecuciones/carga-rechazada.ts';

interface Llamada {
  readonly args: unknown[];
}

/** As one of the worker's `interceptors.activity`. */
export function createGuardaDeActividades(avisar: (tipo: Ajeno) => void) {
  return ({ log }: Pick<Context, 'log'>) => ({
    inbound: {
      async execute<L extends Llamada>(llamada: L, next: (llamada: L) => Promise<unknown>): Promise<unknown> {
        try {
          const { args } = llamada;
          if (args.length === 0 || args.some(esCargaRechazada)) throw actividadAjena();
          return await next(llamada);
        } catch (error) {
          if (esDeEjecucionAjena(error)) {
            log.error('somebody else asked for an activity', { type: error.type });
            avisar('EJECUCION_AJENA');
          }
          throw error;
        }
      },
    },
  });
}

/** Never tried again: this service did not ask for it. */
export function actividadAjena(
  message = 'this activity was asked for with what this service did not seal for it',
): ApplicationFailure {
  return ApplicationFailure.create({ type: 'EJECUCION_AJENA', message, nonRetryable: true });
}

/** Also where the activity itself found that out: what is sealed may be of other work. */
function esDeEjecucionAjena(error: unknown): error is ApplicationFailure {
  return error instanceof ApplicationFailure && error.type === 'EJECUCION_AJENA';
}
