/** Real Temporal servers for tests, each on free ports, found or brought as `npm start` does. */
import { fileURLToPath } from 'node:url';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DURABLE_FILE, TUNED_SETTINGS } from '../../scripts/start/temporal-server.ts';
import { findTemporalCli, findTestServer } from '../../scripts/temporal-cli.ts';

/** A deletion waits until the run's close is acknowledged; the server does that every half minute by default. */
const DELETES_SOON = ['--dynamic-config-value', 'history.transferProcessorUpdateAckInterval="1s"'];

const search = {
  givenPath: process.env.TEMPORAL_CLI_PATH,
  path: process.env.PATH ?? '',
  cacheDir: fileURLToPath(new URL('../../.cache', import.meta.url)),
  progress: (line: string) => process.stderr.write(`${line}\n`),
};

/** The server of `npm start`; in memory, or in a file that outlives it. Its owner calls teardown(). */
export async function temporalServer(dbFilename?: string): Promise<TestWorkflowEnvironment> {
  const path = await findTemporalCli(search);
  const file = dbFilename === undefined ? [] : ['--db-filename', dbFilename, ...DURABLE_FILE];
  return TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path },
      ip: '127.0.0.1',
      extraArgs: [...TUNED_SETTINGS, ...DELETES_SOON, ...file],
    },
  });
}

/** The server whose clock skips while a result is awaited. Its owner calls teardown(). */
export async function timeSkippingServer(): Promise<TestWorkflowEnvironment> {
  const path = await findTestServer({ ...search, givenPath: undefined });
  return TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  });
}
