/** The work that a process is at: what its log lines and its spans are found by. */
import { context, createContextKey, isSpanContextValid, trace, type Context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import type { Identificadores } from '../../nucleo/ejecuciones/identificadores.ts';

export interface Trabajo extends Pick<Identificadores, 'correlationId' | 'requestId'> {
  /** Once it is known. */
  codigoSolicitudTramite?: string;
  workflowId?: string;
}

// Log lines need it, whether the process traces or not. It stands for as long as the process does.
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

const TRABAJO = createContextKey('work under way');

export function conTrabajo(trabajo: Trabajo, contexto: Context = context.active()): Context {
  return contexto.setValue(TRABAJO, trabajo);
}

/** The work under way; an empty one where none is. What is set on it, the lines from here on tell. */
export function trabajoEnCurso(): Trabajo {
  return (context.active().getValue(TRABAJO) as Trabajo | undefined) ?? {};
}

/** As each log line tells it. */
export function camposDelTrabajo(): Trabajo & { traceId?: string } {
  const traza = trace.getActiveSpan()?.spanContext();
  const hayTraza = traza !== undefined && isSpanContextValid(traza);
  return { ...(hayTraza && { traceId: traza.traceId }), ...trabajoEnCurso() };
}
