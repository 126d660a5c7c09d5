/** A span around a piece of work: how long it took and whether it failed, by the type of its failure alone. */
import {
  context,
  SpanStatusCode,
  trace,
  type Attributes,
  type Span,
  type SpanKind,
} from '@opentelemetry/api';

/** Of the tracer, and of the service in its traces. */
export const NOMBRE_DEL_SERVICIO = 'MsCoreogCertificadosDigitales';

interface OpcionesDeTramo {
  kind?: SpanKind;
  attributes?: Attributes;
}

export function trazador() {
  return trace.getTracer(NOMBRE_DEL_SERVICIO);
}

/** @param hacer within the span, whose children are those of what it awaits */
export function enTramo<T>(
  nombre: string,
  opciones: OpcionesDeTramo,
  hacer: (tramo: Span) => Promise<T>,
): Promise<T> {
  const tramo = trazador().startSpan(nombre, opciones);
  return context.with(trace.setSpan(context.active(), tramo), async () => {
    try {
      return await hacer(tramo);
    } catch (error) {
      fallarTramo(tramo, error);
      throw error;
    } finally {
      tramo.end();
    }
  });
}

/** Never by its message: what the PKI says of a citizen stands there. */
function fallarTramo(tramo: Span, error: unknown): void {
  tramo.setStatus({ code: SpanStatusCode.ERROR });
  tramo.setAttribute('error.type', tipoDe(error));
}

/** Of an ApplicationFailure its type, which is the failure's name in the table of failures. */
function tipoDe(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const { type } = error as { type?: unknown };
  return typeof type === 'string' ? type : error.name;
}
