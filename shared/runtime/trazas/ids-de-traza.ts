/** Ids of traces and spans: at random, but for those that something else decides. */
import { RandomIdGenerator, type IdGenerator } from '@opentelemetry/sdk-trace';

/** Ids that something else decides: of the next span that begins, and of no other. */
interface IdsDados {
  traceId?: string | undefined;
  spanId?: string | undefined;
}

let dados: IdsDados = {};

const alAzar = new RandomIdGenerator();

export const IDS: IdGenerator = {
  generateTraceId: () => dados.traceId ?? alAzar.generateTraceId(),
  generateSpanId: () => dados.spanId ?? alAzar.generateSpanId(),
};

/** @param empezar begins one span, at once */
export function conIdsDados<T>(ids: IdsDados, empezar: () => T): T {
  dados = ids;
  try {
    return empezar();
  } finally {
    dados = {};
  }
}

/**
 * The trace of a request that came with none: its correlation id, so that one id finds both. Undefined for what makes no valid
 * trace (the nil UUID; W3C Trace Context, 3.2.2.3).
 */
export function traceIdDe(correlationId: string): string | undefined {
  const traceId = correlationId.replaceAll('-', '').toLowerCase();
  return /^0+$/.test(traceId) ? undefined : traceId;
}
