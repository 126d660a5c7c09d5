/** The embedded Temporal server: its settings and how it is started. Checked with server 1.32. */

import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { ATRIBUTOS } from '../../shared/emision/atributos.ts';
import { LOOPBACK } from '../../shared/runtime/url-local.ts';

/** One value each, for everybody: the CLI takes no constraint, such as a namespace's or a queue's own value. */
const DYNAMIC_CONFIG = z.record(
  z.string(),
  z.tuple([z.strictObject({ value: z.union([z.boolean(), z.number(), z.string()]) })]),
);

/** What operators notice is the same as on containers: it is read from their file. */
const SHARED_SETTINGS = Object.entries(
  DYNAMIC_CONFIG.parse(
    parse(readFileSync(new URL('../../deploy/temporal/dynamic-config.yaml', import.meta.url), 'utf8')),
  ),
).map(([name, [{ value }]]) => `${name}=${JSON.stringify(value)}`);

/**
 * What only suits one machine, whose server has one shard. Measured on two cores with a SQLite file: 40 ms for a workflow
 * of two steps, where the defaults take 150 ms. The queues of a shard are read at most 20 times a second by default; and
 * with one partition what waits is handed out in its exact order.
 */
const ONE_MACHINE_SETTINGS = [
  'matching.numTaskqueueReadPartitions=1',
  'matching.numTaskqueueWritePartitions=1',
  'history.transferProcessorMaxPollRPS=2000',
  'history.timerProcessorMaxPollRPS=2000',
];

export const DYNAMIC_SETTINGS = [...SHARED_SETTINGS, ...ONE_MACHINE_SETTINGS].flatMap((setting) => [
  '--dynamic-config-value',
  setting,
]);

/** What issuances are found by. A server that was started without them before gets them now. */
export const SEARCH_ATTRIBUTES = Object.entries(ATRIBUTOS).flatMap(([name, type]) => [
  '--search-attribute',
  `${name}=${type[0]}${type.slice(1).toLowerCase()}`,
]);

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
  /** Whom the UI asks to decode payloads; absent: nobody. */
  codecUrl?: string;
}): string[] {
  return [
    ...['server', 'start-dev', '--log-level', 'warn'],
    ...['--ip', LOOPBACK, '--port', String(place.port)],
    ...['--ui-ip', LOOPBACK, '--ui-port', String(place.uiPort)],
    ...(place.codecUrl === undefined ? [] : ['--ui-codec-endpoint', place.codecUrl]),
    ...['--namespace', place.namespace],
    ...['--db-filename', place.dbFilename, ...DURABLE_FILE, ...DYNAMIC_SETTINGS, ...SEARCH_ATTRIBUTES],
  ];
}
