/** Of a span only what is named leaves the process; and which variables decide whether any does. */
import { SpanStatusCode, trace } from '@opentelemetry/api';
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace';
import { leerConfiguracion } from '../../../shared/runtime/config.ts';
import { TRAZAS } from '../../../shared/runtime/secciones.ts';
import { soloLoPermitido } from '../../../shared/runtime/trazas/exportador.ts';
import { registrarTrazas } from '../../../shared/runtime/trazas/proveedor.ts';
import { enTramo } from '../../../shared/runtime/trazas/tramo.ts';

class Rechazo extends Error {
  readonly type = 'CIUDADANO_NO_ENCONTRADO';
}

test('of what hangs on a span, only what is named leaves', async () => {
  const exportador = new InMemorySpanExporter();
  const trazas = registrarTrazas(new AlwaysOnSampler(), [
    new SimpleSpanProcessor({ exporter: soloLoPermitido(exportador) }),
  ]);
  const fallo = new Rechazo('María Quispe no existe');

  await enTramo('paso', { attributes: { 'pki.paso': 1, memo: 'María' } }, (tramo) => {
    tramo.setAttribute('db.query.text', "select 'María'");
    tramo.recordException(fallo);
    tramo.addLink({ context: tramo.spanContext(), attributes: { quien: 'María' } });
    tramo.setStatus({ code: SpanStatusCode.ERROR, message: 'María' });
    return Promise.reject(fallo);
  }).catch(() => undefined);

  const [tramo] = exportador.getFinishedSpans();
  expect(tramo).toMatchObject({
    name: 'paso',
    attributes: { 'pki.paso': 1, 'error.type': 'CIUDADANO_NO_ENCONTRADO' },
    status: { code: SpanStatusCode.ERROR },
    events: [],
    links: [],
  });
  expect(JSON.stringify([tramo?.attributes, tramo?.status, tramo?.events, tramo?.links])).not.toContain(
    'María',
  );
  await trazas.detener();
  expect(trace.getTracer('otro').startSpan('nada').isRecording()).toBe(false);
});

test.each([
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
  ['OTEL_TRACES_SAMPLER', 'sometimes'],
  ['OTEL_TRACES_SAMPLER_ARG', '1.5'],
  ['OTEL_TRACES_EXPORTER', 'jaeger'],
  ['OTEL_SDK_DISABLED', 'maybe'],
])('%s=%s is refused by name', (variable, valor) => {
  expect(() => leerConfiguracion({ trazas: TRAZAS }, { [variable]: valor })).toThrow(variable);
});

test('a collector that never answers does not hold up a stop', async () => {
  const callado = {
    export: () => undefined,
    shutdown: () => new Promise<void>(() => undefined),
  };
  const trazas = registrarTrazas(new AlwaysOnSampler(), [
    new BatchSpanProcessor({ exporter: callado, exportTimeoutMillis: 100 }),
  ]);
  await enTramo('paso', {}, () => Promise.resolve());

  await expect(trazas.detener()).resolves.toBeUndefined();
}, 10_000);
