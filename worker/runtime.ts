/** Temporal's core, once a process: its log lines become ours, its signals are left to us. */
import { DefaultLogger, Runtime, type MetricsBuffer } from '@temporalio/worker';
import { SdkComponent } from '@temporalio/common';
import { escribirDeEntonces, type Logger } from '../shared/runtime/logger.ts';

const NS_POR_MS = 1_000_000n;
const SIN_WORKFLOWS = 'No workflows registered';
const NIVELES = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/** @param metricas where it puts what it measures; whoever gives it drains it */
export function instalarRuntime(logger: Logger, metricas?: MetricsBuffer): void {
  Runtime.install({
    shutdownSignals: [],
    // Otherwise the core writes to the console by itself, past our logger.
    telemetryOptions: {
      logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } },
      ...(metricas && { metrics: { buffer: metricas } }),
    },
    logger: new DefaultLogger('INFO', ({ level, message, meta, timestampNanos }) => {
      // Its INFO lines tell of each start and stop of its parts: noise beside those of our activities.
      if (level === 'INFO' && meta?.['sdkComponent'] !== SdkComponent.activity) return;
      // The queues of the PKI's steps have activities only, as they are meant to.
      if (message.startsWith(SIN_WORKFLOWS)) return;
      const { error, ...resto } = meta ?? {};
      // It hands its lines over in batches.
      escribirDeEntonces(Number(timestampNanos / NS_POR_MS), () => {
        logger[NIVELES[level]]({ ...resto, ...(error !== undefined && { err: error }) }, message);
      });
    }),
  });
}
