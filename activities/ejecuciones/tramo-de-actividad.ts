/**
 * Stands before every activity: its attempt is a span of the run that asked for it, and its log lines are found as the
 * request that began the run. Of a run itself there is one span, which is told when the run ends (terminarTramoDeRun): what all
 * attempts hang on before it is told, its id, is made of the run's.
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
import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import {
  CABECERA_DE_IDENTIFICADORES,
  identificadoresDe,
  type Identificadores,
} from '../../shared/nucleo/ejecuciones/identificadores.ts';
import { camposDelTrabajo, conTrabajo } from '../../shared/runtime/trazas/contexto.ts';
import { conIdsDados } from '../../shared/runtime/trazas/proveedor.ts';
import { enTramo, trazador } from '../../shared/runtime/trazas/tramo.ts';

interface Llamada {
  readonly headers: Headers;
}

/** Where the run began in its trace: what its own span hangs on. */
const INICIO_DEL_RUN = createContextKey('where the run began');

/** @param codigoDe the codigo that a workflow id names; null where it names none */
export function createTramoDeActividad(codigoDe: (workflowId: string) => string | null) {
  return ({ info }: Pick<ContextoDeActividad, 'info'>) => {
    const { workflowExecution: run } = info;
    const codigo = run && codigoDe(run.workflowId);
    const deLaActividad = {
      ...(codigo && { codigoSolicitudTramite: codigo }),
      ...(run && { workflowId: run.workflowId }),
    };
    /** What the SDK says of the attempt outside of it, that it failed too, is found by the same. */
    let campos: object = deLaActividad;
    return {
      inbound: {
        execute<L extends Llamada>(llamada: L, next: (llamada: L) => Promise<unknown>): Promise<unknown> {
          const identificadores = leerCabecera(llamada.headers);
          const { correlationId, requestId } = identificadores;
          const trabajo = {
            ...(correlationId !== undefined && { correlationId }),
            ...(requestId !== undefined && { requestId }),
            ...deLaActividad,
          };
          const attributes = {
            'temporal.activity.type': info.activityType,
            'temporal.activity.local': info.isLocal,
            'temporal.attempt': info.attempt,
            'temporal.workflow.id': run?.workflowId ?? '',
            'temporal.run.id': run?.runId ?? '',
            ...(correlationId !== undefined && { correlation_id: correlationId }),
            ...(codigo && { codigo_solicitud_tramite: codigo }),
          };
          return context.with(conTrabajo(trabajo, enElRun(identificadores, run?.runId)), () =>
            enTramo(info.activityType, { attributes }, () => {
              campos = camposDelTrabajo();
              return next(llamada);
            }),
          );
        },
      },
      outbound: {
        getLogAttributes: (
          atributos: Record<string, unknown>,
          next: (atributos: Record<string, unknown>) => Record<string, unknown>,
        ) => next({ ...campos, ...atributos }),
      },
    };
  };
}

function leerCabecera({ [CABECERA_DE_IDENTIFICADORES]: contenido }: Headers): Identificadores {
  if (!contenido) return {};
  try {
    return identificadoresDe(defaultPayloadConverter.fromPayload(contenido));
  } catch {
    // It is in clear, and decides nothing: what somebody wrote over it is not read.
    return {};
  }
}

/** Within the run's span, whose start was where the header says. */
function enElRun(identificadores: Identificadores, runId: string | undefined): Context {
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
