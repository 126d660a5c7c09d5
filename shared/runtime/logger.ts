/** One JSON line an event, on stderr. No personal data, token or key is ever an argument. */
import { pino, destination, type Logger } from 'pino';

export type { Logger } from 'pino';

/** @param nivel until the configuration is read, and then set by `logger.level` */
export function createLogger(servicio: string, nivel = 'info'): Logger {
  return pino({ name: servicio, level: nivel, timestamp: pino.stdTimeFunctions.isoTime }, destination(2));
}
