/** Before each call to Temporal about a run: its span, and, of a start, the ids by which the run is found as its request is. */
import { context, propagation, SpanKind } from '@opentelemetry/api';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import {
  CABECERA_DE_IDENTIFICADORES,
  type Identificadores,
} from '../../nucleo/ejecuciones/identificadores.ts';
import { trabajoEnCurso } from '../trazas/contexto.ts';
import { enTramo } from '../trazas/tramo.ts';

export const TRAMOS_DEL_CLIENTE: Required<
  Pick<
    WorkflowClientInterceptor,
    'startWithDetails' | 'signal' | 'query' | 'describe' | 'cancel' | 'terminate'
  >
> = {
  startWithDetails: (input, next) =>
    enLlamada('start', input.options.workflowId, () =>
      next({ ...input, headers: conIdentificadores(input.headers) }),
    ),
  signal: (input, next) => enLlamada('signal', input.workflowExecution.workflowId, () => next(input)),
  query: (input, next) => enLlamada('query', input.workflowExecution.workflowId, () => next(input)),
  describe: (input, next) => enLlamada('describe', input.workflowExecution.workflowId, () => next(input)),
  cancel: (input, next) => enLlamada('cancel', input.workflowExecution.workflowId, () => next(input)),
  terminate: (input, next) => enLlamada('terminate', input.workflowExecution.workflowId, () => next(input)),
};

/** The id is told of a run that Temporal knows: in its place clients have sent a citizen's document. */
function enLlamada<T>(
  operacion: string,
  workflowId: string | undefined,
  llamar: () => Promise<T>,
): Promise<T> {
  return enTramo(`Temporal ${operacion}`, { kind: SpanKind.CLIENT }, async (tramo) => {
    const respuesta = await llamar();
    tramo.setAttribute('temporal.workflow.id', workflowId ?? '');
    return respuesta;
  });
}

function conIdentificadores(cabeceras: Headers): Headers {
  const { correlationId, requestId } = trabajoEnCurso();
  const identificadores: Identificadores = {
    ...(correlationId !== undefined && { correlationId }),
    ...(requestId !== undefined && { requestId }),
  };
  propagation.inject(context.active(), identificadores);
  return {
    ...cabeceras,
    [CABECERA_DE_IDENTIFICADORES]: defaultPayloadConverter.toPayload(identificadores),
  };
}
