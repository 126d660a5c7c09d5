/** The embedded Temporal server: its tuned settings and how it is started. Checked with server 1.32. */

import { LOOPBACK } from '../../shared/runtime/url-local.ts';

/**
 * Measured on two cores with a SQLite file: 40 ms for a workflow of two steps, where the defaults take 150 ms. The
 * queues of a shard are read at most 20 times a second by default, and one shard is all that this server has.
 */
export const TUNED_SETTINGS = [
  'matching.numTaskqueueReadPartitions=1',
  'matching.numTaskqueueWritePartitions=1',
  'system.enableActivityEagerExecution=true',
  'history.transferProcessorMaxPollRPS=2000',
  'history.timerProcessorMaxPollRPS=2000',
  // What waits in a queue is handed out in turns, office by office (shared/emision/prioridad.ts).
  'matching.useNewMatcher=true',
  'matching.enableFairness=true',
  // Operators may pause a whole workflow, not only its activities.
  'frontend.WorkflowPauseEnabled=true',
].flatMap((setting) => ['--dynamic-config-value', setting]);

/** WAL with synchronous=normal: survives kill -9, not a power cut. */
export const DURABLE_FILE = [
  ...['--sqlite-pragma', 'journal_mode=wal'],
  ...['--sqlite-pragma', 'synchronous=normal'],
];

/**
 * It listens on loopback whatever HOST says: whoever reaches it can start, signal and reset workflows, and its own parts
 * dial 127.0.0.1. `dbFilename` goes into a URI of SQLite, where `#`, `?` and `%` of a path mean something else: so it is a
 * plain name in the folder that the server is started in.
 */
export function embeddedServerArgs(place: {
  port: number;
  uiPort: number;
  namespace: string;
  dbFilename: string;
}): string[] {
  return [
    ...['server', 'start-dev', '--log-level', 'warn'],
    ...['--ip', LOOPBACK, '--port', String(place.port)],
    ...['--ui-ip', LOOPBACK, '--ui-port', String(place.uiPort)],
    ...['--namespace', place.namespace],
    ...['--db-filename', place.dbFilename, ...DURABLE_FILE, ...TUNED_SETTINGS],
  ];
}
