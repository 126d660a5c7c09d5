/**
 * What of a span leaves the process: its name, its times, its place, and the attributes that are named here. Whatever else a
 * library hangs on it (an error's words, a URL, a statement) may hold personal data.
 */
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';

/** Each of a few values, or an id. */
const ATRIBUTOS = new Set([
  'codigo_solicitud_tramite',
  'correlation_id',
  'request_id',
  'db.operation.name',
  'db.collection.name',
  'db.system.name',
  'emision.estado',
  'error.type',
  'http.request.method',
  'http.response.status_code',
  'http.route',
  'pki.paso',
  'temporal.activity.local',
  'temporal.activity.type',
  'temporal.attempt',
  'temporal.run.id',
  'temporal.workflow.id',
  'temporal.workflow.type',
]);

export function soloLoPermitido(exportador: SpanExporter): SpanExporter {
  return {
    export: (tramos, alAcabar) => {
      exportador.export(tramos.map(permitido), alAcabar);
    },
    shutdown: () => exportador.shutdown(),
    ...(exportador.forceFlush && { forceFlush: () => exportador.forceFlush?.() ?? Promise.resolve() }),
  };
}

function permitido(tramo: ReadableSpan): ReadableSpan {
  return {
    name: tramo.name,
    kind: tramo.kind,
    spanContext: () => tramo.spanContext(),
    ...(tramo.parentSpanContext && { parentSpanContext: tramo.parentSpanContext }),
    startTime: tramo.startTime,
    endTime: tramo.endTime,
    duration: tramo.duration,
    ended: tramo.ended,
    status: { code: tramo.status.code },
    attributes: Object.fromEntries(
      Object.entries(tramo.attributes).filter(([nombre]) => ATRIBUTOS.has(nombre)),
    ),
    links: [],
    events: [],
    resource: tramo.resource,
    instrumentationScope: tramo.instrumentationScope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}
