/** One JSON line an event, on stderr. No personal data, token or key is ever an argument. */
import { pino, destination, type Logger } from 'pino';

export type { Logger } from 'pino';

export function createLogger(servicio: string, nivel: string): Logger {
  return pino({ name: servicio, level: nivel, timestamp: pino.stdTimeFunctions.isoTime }, destination(2));
}
