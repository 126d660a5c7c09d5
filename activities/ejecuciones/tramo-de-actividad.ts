/**
 * Stands before every activity: its attempt is a span of the run that asked for it, and its log lines are found as the
 * request that began the run.
 */
import type { LectorDeCodigo } from '../../shared/nucleo/ejecuciones/lector-de-codigo.ts';
import { context } from '@opentelemetry/api';
import type { Context as ContextoDeActividad } from '@temporalio/activity';
import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import {
  CABECERA_DE_IDENTIFICADORES,
  identificadoresDe,
  type Identificadores,
} from '../../shared/nucleo/ejecuciones/identificadores.ts';
import { camposDelTrabajo, conTrabajo } from '../../shared/runtime/trazas/contexto.ts';
import { enTramo } from '../../shared/runtime/trazas/tramo.ts';
import { enElRun } from './tramo-de-run.ts';

interface Llamada {
  readonly headers: Headers;
}

/** @param codigoDe the codigo that a workflow id names; null where it names none */
export function createTramoDeActividad(codigoDe: LectorDeCodigo) {
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
