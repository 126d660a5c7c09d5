/** A statement of the register as a span of the work that asked for it: what it does and to which table, never its values. */
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { trazador } from '../../runtime/trazas/tramo.ts';

/** Told once it has been answered: where no work is under way that anybody traces, there is none. */
export function anotarTramoDeSentencia(texto: string, ms: number, resultado: 'RESPONDIDA' | 'FALLIDA'): void {
  if (trace.getActiveSpan()?.isRecording() !== true) return;
  const [operacion, tabla] = queHace(texto);
  const hasta = Date.now();
  const tramo = trazador().startSpan([operacion, tabla].filter(Boolean).join(' '), {
    kind: SpanKind.CLIENT,
    startTime: hasta - ms,
    attributes: {
      'db.system.name': 'postgresql',
      'db.operation.name': operacion,
      ...(tabla !== undefined && { 'db.collection.name': tabla }),
    },
  });
  if (resultado === 'FALLIDA') tramo.setStatus({ code: SpanStatusCode.ERROR });
  tramo.end(hasta);
}

/** @returns its first word, and the first table that it names */
export function queHace(texto: string): [operacion: string, tabla: string | undefined] {
  const [, operacion = ''] = /^\s*([a-z]+)/i.exec(texto) ?? [];
  const [, tabla] = /\b(?:from|into|update)\s+"?([a-z_]+)"?/i.exec(texto) ?? [];
  return [operacion.toUpperCase(), tabla];
}
