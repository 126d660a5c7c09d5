/**
 * What finds one piece of work again, in logs and traces, on whichever process it goes on: nothing of a citizen. It travels
 * with the runs and activities of Temporal as a header, in clear, and whoever reaches Temporal may change it: it decides nothing.
 */
import { esUuid } from '../uuid.ts';

/** Name of the header. */
export const CABECERA_DE_IDENTIFICADORES = 'identificadores';

export interface Identificadores {
  /** X-Correlation-ID and X-Request-ID of the request that began it; absent where none did, or it sent none. */
  correlationId?: string;
  requestId?: string;
  /** W3C Trace Context: where in its trace it began. No tracestate, which is anybody's text. */
  traceparent?: string;
}

const FORMAS: Record<keyof Identificadores, (valor: string) => boolean> = {
  correlationId: esUuid,
  requestId: esUuid,
  traceparent: (valor) => /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(valor),
};

/** What of a header's content has the form of such; anything else is dropped. */
export function identificadoresDe(contenido: unknown): Identificadores {
  if (typeof contenido !== 'object' || contenido === null) return {};
  return Object.fromEntries(
    Object.entries(contenido).filter(
      ([nombre, valor]) =>
        Object.hasOwn(FORMAS, nombre) &&
        typeof valor === 'string' &&
        FORMAS[nombre as keyof Identificadores](valor),
    ),
  );
}
