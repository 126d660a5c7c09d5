/** The span of a request, from the trace of whoever sent it, or from its correlation id where it came with none. */
import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
} from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { Request } from 'express';
import { conTrabajo } from '../../../shared/runtime/trazas/contexto.ts';
import { conIdsDados, traceIdDe } from '../../../shared/runtime/trazas/ids-de-traza.ts';
import { trazador } from '../../../shared/runtime/trazas/tramo.ts';
import type { Peticion } from '../peticion/peticion.ts';

export interface TramoDePeticion {
  /** What all that the request brings about goes on in. */
  contexto: Context;
  /** @param estadoHttp null where the client left before the answer */
  terminar(ruta: string, estadoHttp: number | null): void;
}

const ERROR_DEL_SERVIDOR = 500;

/** Of whoever has no token, or asks for what there is not: a flood of them would take the place of others' spans. */
const NO_SE_CUENTA = new Set([401, 404, 405]);

/** @param seTraza whether it has a span at all */
export function abrirTramoDePeticion(req: Request, peticion: Peticion, seTraza: boolean): TramoDePeticion {
  const { trabajo } = peticion;
  if (!seTraza)
    return {
      contexto: conTrabajo(trabajo, suppressTracing(context.active())),
      terminar: () => undefined,
    };
  // Not its tracestate: that is text of whoever sent it, and would go on to Temporal and to the PKI.
  const { traceparent } = req.headers;
  const recibido = propagation.extract(ROOT_CONTEXT, { traceparent });
  const traceId = traceIdDe(trabajo.correlationId);
  const tramo = conIdsDados(trace.getSpanContext(recibido) ? {} : { traceId }, () =>
    trazador().startSpan(req.method, { kind: SpanKind.SERVER }, recibido),
  );
  return {
    contexto: conTrabajo(trabajo, trace.setSpan(context.active(), tramo)),
    terminar(ruta, estadoHttp) {
      // A span that is not ended is never told.
      if (peticion.cliente === null && NO_SE_CUENTA.has(estadoHttp ?? 0)) return;
      const { correlationId, requestId, codigoSolicitudTramite } = trabajo;
      tramo.updateName(`${req.method} ${ruta}`);
      tramo.setAttributes({
        'http.request.method': req.method,
        'http.route': ruta,
        correlation_id: correlationId,
        ...(requestId !== undefined && { request_id: requestId }),
        ...(codigoSolicitudTramite !== undefined && { codigo_solicitud_tramite: codigoSolicitudTramite }),
        ...(estadoHttp !== null && { 'http.response.status_code': estadoHttp }),
      });
      if (estadoHttp !== null && estadoHttp >= ERROR_DEL_SERVIDOR)
        tramo.setStatus({ code: SpanStatusCode.ERROR });
      tramo.end();
    },
  };
}
