/** A statement of the register as a span of the work that asked for it: what it does and to which table, never its values. */
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { trazador } from '../../runtime/trazas/tramo.ts';
import type { Sentencia } from './sentencia.ts';

/** Told once it has been answered: where no work is under way that anybody traces, there is none. */
export function anotarTramoDeSentencia(
  { verbo, tabla }: Sentencia,
  ms: number,
  resultado: 'RESPONDIDA' | 'FALLIDA',
): void {
  if (trace.getActiveSpan()?.isRecording() !== true) return;
  const hasta = Date.now();
  const tramo = trazador().startSpan([verbo, tabla].filter(Boolean).join(' '), {
    kind: SpanKind.CLIENT,
    startTime: hasta - ms,
    attributes: {
      'db.system.name': 'postgresql',
      'db.operation.name': verbo,
      ...(tabla !== undefined && { 'db.collection.name': tabla }),
    },
  });
  if (resultado === 'FALLIDA') tramo.setStatus({ code: SpanStatusCode.ERROR });
  tramo.end(hasta);
}
