/**
 * OpenTelemetry of a process. Ids of traces always exist, and travel; spans leave only where OTEL_EXPORTER_OTLP_ENDPOINT, or
 * OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, says where to. Its headers, certificates, compression and time-outs are the exporter's
 * own standard variables.
 */
import { diag, DiagLogLevel, propagation, trace } from '@opentelemetry/api';
import { setGlobalErrorHandler, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type Sampler,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import { enPlazo } from '../../nucleo/en-plazo.ts';
import type { Configuracion } from '../config.ts';
import type { Logger } from '../logger.ts';
import type { TRAZAS } from '../secciones.ts';
// Its spans find their parents by the contexts that it registers.
import './contexto.ts';
import { soloLoPermitido } from './exportador.ts';
import { IDS } from './ids-de-traza.ts';
import { NOMBRE_DEL_SERVICIO } from './tramo.ts';

type ConfiguracionDeTrazas = Configuracion<{ trazas: typeof TRAZAS }>['trazas'];

/** What is left to send when the process stops is sent within these, or lost. */
const PARADA_MS = 2_000;
/** A collector that is down is told of no more often. */
const ENTRE_AVISOS_MS = 60_000;

export interface Trazas {
  /** Sends what is left, and ends. */
  detener(): Promise<void>;
}

export function startTrazas(configuracion: ConfiguracionDeTrazas, logger: Logger): Trazas {
  let avisadoEnMs = -Infinity;
  const avisar = (error: unknown) => {
    if (performance.now() - avisadoEnMs < ENTRE_AVISOS_MS) return;
    avisadoEnMs = performance.now();
    logger.warn({ err: error }, 'spans are lost: the collector does not take them, or there are too many');
  };
  setGlobalErrorHandler(avisar);
  const deTexto = (texto: string) => {
    avisar(new Error(texto));
  };
  const nada = () => undefined;
  diag.setLogger(
    { error: deTexto, warn: deTexto, info: nada, debug: nada, verbose: nada },
    DiagLogLevel.WARN,
  );
  return registrarTrazas(
    muestreoDe(configuracion),
    saleAlgo(configuracion)
      ? [new BatchSpanProcessor({ exporter: soloLoPermitido(new OTLPTraceExporter()) })]
      : [],
  );
}

/** For tests too, which look at what a processor of their own is given. */
export function registrarTrazas(sampler: Sampler, spanProcessors: SpanProcessor[]): Trazas {
  const proveedor = new TracerProvider({
    sampler,
    spanProcessors,
    idGenerator: IDS,
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': NOMBRE_DEL_SERVICIO }))
      .merge(detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] })),
  });
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(proveedor);
  return {
    async detener() {
      await enPlazo(() => proveedor.shutdown(), PARADA_MS, new Error('late')).catch(() => undefined);
      trace.disable();
      propagation.disable();
    },
  };
}

function saleAlgo(configuracion: ConfiguracionDeTrazas): boolean {
  const { OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER } = configuracion;
  if (OTEL_SDK_DISABLED || OTEL_TRACES_EXPORTER === 'none') return false;
  const { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT } = configuracion;
  return (OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? OTEL_EXPORTER_OTLP_ENDPOINT) !== undefined;
}

function muestreoDe({ OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG }: ConfiguracionDeTrazas): Sampler {
  const raiz = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: () => new TraceIdRatioBasedSampler(OTEL_TRACES_SAMPLER_ARG),
  };
  const [, heredado, nombre] = /^(parentbased_)?(.*)$/.exec(OTEL_TRACES_SAMPLER) ?? [];
  const sampler = raiz[nombre as keyof typeof raiz]();
  return heredado === undefined ? sampler : new ParentBasedSampler({ root: sampler });
}
