/** What Temporal's SDK would say on the terminal between the tests' own lines, most of it of faults that they make: nothing, unless asked. */
import { DefaultLogger, makeTelemetryFilterString, Runtime, type LogLevel } from '@temporalio/worker';

/** E.g. `SDK_LOG=INFO npm test -- test/workflows`. */
const { SDK_LOG } = process.env;

export const CALLADO =
  SDK_LOG === undefined
    ? new DefaultLogger('ERROR', () => undefined)
    : new DefaultLogger(SDK_LOG as LogLevel);

export function callarAlSdk(): void {
  const filter = makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' });
  Runtime.install({ logger: CALLADO, telemetryOptions: { logging: { filter, forward: {} } } });
}
