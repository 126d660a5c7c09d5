/**
 * The span of a run. It is told once, when the run ends; what attempts hang on before that, on whichever process, is its id,
 * which is made of the run's.
 */
import {
  context,
  createContextKey,
  propagation,
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
  type Context,
  type SpanContext,
} from '@opentelemetry/api';
import { createHash } from 'node:crypto';
import type { Context as ContextoDeActividad } from '@temporalio/activity';
import type { Identificadores } from '../../shared/nucleo/ejecuciones/identificadores.ts';
import { conIdsDados } from '../../shared/runtime/trazas/ids-de-traza.ts';
import { trazador } from '../../shared/runtime/trazas/tramo.ts';

/** Where the run began in its trace: what its own span hangs on. */
const INICIO_DEL_RUN = createContextKey('where the run began');

/** Within the run's span, whose start was where the header says. */
export function enElRun(identificadores: Identificadores, runId: string | undefined): Context {
  const inicio = propagation.extract(ROOT_CONTEXT, identificadores);
  const de = trace.getSpanContext(inicio);
  if (!de || runId === undefined) return context.active();
  const delRun: SpanContext = { ...de, spanId: spanIdDe(runId) };
  return trace.setSpanContext(context.active(), delRun).setValue(INICIO_DEL_RUN, inicio);
}

function spanIdDe(runId: string): string {
  return createHash('sha256').update(runId).digest('hex').slice(0, 16);
}

/** Tells the span of the run whose activity is under way: it has ended. */
export function terminarTramoDeRun(
  { info }: Pick<ContextoDeActividad, 'info'>,
  inicio: Date,
  estado: 'COMPLETADO' | 'FALLIDO',
): void {
  const padre = context.active().getValue(INICIO_DEL_RUN) as Context | undefined;
  const { workflowExecution: run } = info;
  if (!padre || !run) return;
  const attributes = {
    'temporal.workflow.id': run.workflowId,
    'temporal.run.id': run.runId,
    'emision.estado': estado,
    ...(info.workflowType !== undefined && { 'temporal.workflow.type': info.workflowType }),
  };
  const tramo = conIdsDados({ spanId: spanIdDe(run.runId) }, () =>
    trazador().startSpan(info.workflowType ?? 'run', { startTime: inicio, attributes }, padre),
  );
  if (estado === 'FALLIDO') tramo.setStatus({ code: SpanStatusCode.ERROR });
  tramo.end();
}
