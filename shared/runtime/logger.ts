/** One JSON line an event, on stderr. No personal data, token or key is ever an argument. */
import { destination, pino, type Logger } from 'pino';
import { camposDelTrabajo } from './trazas/contexto.ts';

export type { Logger } from 'pino';

/** @param nivel until the configuration is read, and then set by `logger.level` */
export function createLogger(servicio: string, nivel = 'info'): Logger {
  return pino(
    {
      name: servicio,
      level: nivel,
      timestamp: () => `,"time":"${new Date(momentoMs ?? Date.now()).toISOString()}"`,
      formatters: { log: sinTokens },
      mixin: camposDelTrabajo,
      hooks: { streamWrite: sinTokensDentro },
      serializers: { err: errorSinDatos },
    },
    destination(2),
  );
}

/** Of the line that is being written, where it tells of an earlier moment. */
let momentoMs: number | null = null;

/** Writes lines of what happened at `ms` (epoch) and was only now heard of. */
export function escribirDeEntonces(ms: number, escribir: () => void): void {
  momentoMs = ms;
  try {
    escribir();
  } finally {
    momentoMs = null;
  }
}

/**
 * Whoever holds the token of a task can complete it. Temporal's SDK and its core give it with every line about an activity,
 * as `taskToken` or `task_token`.
 */
function sinTokens(campos: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(campos)
      .filter(([nombre]) => !/token/i.test(nombre))
      .map(([nombre, valor]) => [nombre, esObjetoSimple(valor) ? sinTokens(valor) : valor]),
  );
}

/** How bytes are written after their name: as text; as JSON of an array, a Buffer or a Uint8Array. Quotes may be escaped. */
const BYTES = [
  /[\w+/=-]{16,}/,
  /\[[\d,\s]*\]/,
  /\{\\*"type\\*":\\*"Buffer\\*",\\*"data\\*":\[[\d,\s]*\]\}/,
  /\{(?:\\*"\d+\\*":\d+,?)*\}/,
];
const TOKEN_EN_TEXTO = new RegExp(
  `(token\\w*\\\\*["']?\\s*[:=]\\s*(?:\\w+\\()?\\\\*["']?)(?:${BYTES.map(({ source }) => source).join('|')})`,
  'gi',
);

/** Where the SDK made one text of a whole task, or of an error, the same names stand within that text. */
function sinTokensDentro(linea: string): string {
  return linea.replaceAll(TOKEN_EN_TEXTO, '$1…');
}

function esObjetoSimple(valor: unknown): valor is Record<string, unknown> {
  return typeof valor === 'object' && valor !== null && Object.getPrototypeOf(valor) === Object.prototype;
}

interface ErrorEscrito {
  name: string;
  message: string;
  type?: string;
  code?: string;
  stack?: string;
  cause?: ErrorEscrito;
}

/**
 * An error by its words and place only. Its other members stay out: an HTTP client hangs the request on them, a database
 * the row, a failure of the issuance what the PKI said of the citizen.
 */
function errorSinDatos(error: unknown): ErrorEscrito {
  if (!(error instanceof Error)) return { name: typeof error, message: 'not an Error' };
  const { name, message, stack, cause } = error;
  const { type, code } = error as { type?: unknown; code?: unknown };
  return {
    name,
    message,
    ...(typeof type === 'string' && { type }),
    ...(typeof code === 'string' && { code }),
    ...(stack !== undefined && { stack: stack.slice(stack.indexOf('\n') + 1) }),
    ...(cause !== undefined && { cause: errorSinDatos(cause) }),
  };
}
