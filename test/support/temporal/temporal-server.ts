/** Real Temporal servers for tests, each on free ports, found or brought as `npm start` does. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Connection } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { pickFreePort } from '../../../scripts/start/ports.ts';
import {
  DURABLE_FILE,
  DYNAMIC_SETTINGS,
  embeddedServerArgs,
  SEARCH_ATTRIBUTES,
} from '../../../scripts/start/temporal-server.ts';
import { startPostgres, type LocalPostgres } from '../../../scripts/topology/postgres.ts';
import { startTemporalCluster, type TemporalCluster } from '../../../scripts/topology/temporal-cluster.ts';
import { findTemporalPrograms } from '../../../scripts/topology/temporal-programs.ts';
import { findTemporalCli, findTestServer } from '../../../scripts/temporal-cli.ts';
import { createDataConverter } from '../../../shared/runtime/temporal/codec.ts';
import { CLAVES_DE_PRUEBA } from '../emision/claves-de-prueba.ts';
import { hasta } from '../hasta.ts';

/** Folder of the programs of Temporal's own server, on which the whole system runs where it is set (CONTRIBUTING.md). */
export const { TEMPORAL_SERVER_BIN } = process.env;

/** A deletion waits until the run's close is acknowledged; the server does that every half minute by default. */
const DELETES_SOON = ['--dynamic-config-value', 'history.transferProcessorUpdateAckInterval="1s"'];
const DELETES_SOON_SETTING = 'history.transferProcessorUpdateAckInterval:\n  - value: 1s\n';

const search = {
  givenPath: process.env.TEMPORAL_CLI_PATH,
  path: process.env.PATH ?? '',
  cacheDir: fileURLToPath(new URL('../../../.cache', import.meta.url)),
  progress: (line: string) => process.stderr.write(`${line}\n`),
};

/** The environment's own client seals under the tests' keys: what a worker under test is brought in clear it refuses. */
const client = { dataConverter: createDataConverter(CLAVES_DE_PRUEBA.cifrado) };

/** The CLI, which is the server too. */
export function temporalProgram(): Promise<string> {
  return findTemporalCli(search);
}

/**
 * The server of `npm start`; in memory, or in a file that outlives it. Its owner calls teardown().
 * @param uiPort where its UI is served; absent: it has none
 */
export async function temporalServer(dbFilename?: string, uiPort?: number): Promise<TestWorkflowEnvironment> {
  const path = await temporalProgram();
  const file = dbFilename === undefined ? [] : ['--db-filename', dbFilename, ...DURABLE_FILE];
  return TestWorkflowEnvironment.createLocal({
    client,
    server: {
      executable: { type: 'existing-path', path },
      ip: '127.0.0.1',
      ...(uiPort !== undefined && { ui: true, uiPort }),
      // What it tells of itself on the terminal would stand between the tests' own lines.
      log: { format: 'pretty', level: 'error' },
      extraArgs: ['--output', 'none', ...DYNAMIC_SETTINGS, ...SEARCH_ATTRIBUTES, ...DELETES_SOON, ...file],
    },
  });
}

/** Temporal of docker-compose.temporal.yml. @param programs the folder that TEMPORAL_SERVER_BIN names */
export async function startCluster(programs: string, postgres: LocalPostgres): Promise<TemporalCluster> {
  const found = await findTemporalPrograms(programs, search.progress);
  const temporal = await temporalProgram();
  return startTemporalCluster({ programs: found, temporal, postgres, settings: DELETES_SOON_SETTING });
}

/** The same, on a PostgreSQL of its own, so that a test may strike each of both stores by itself. */
export async function startClusterOfItsOwn(
  programs: string,
): Promise<TemporalServerProcess & TemporalCluster> {
  const postgres = await startPostgres();
  const cluster = await startCluster(programs, postgres);
  let isStoreDown = false;
  return {
    ...cluster,
    async shutDown() {
      await cluster.shutDown();
      await postgres.shutDown();
      isStoreDown = true;
    },
    async startAgain() {
      if (isStoreDown) await postgres.startAgain();
      isStoreDown = false;
      await cluster.startAgain();
    },
    saveFiles: (to) => postgres.saveFiles(to),
    restoreFiles: (from) => postgres.restoreFiles(from),
    async teardown() {
      await cluster.teardown();
      await postgres.stop();
    },
  };
}

/** A server in a process of its own, on files of its own, that a test may kill, stop and start again. */
export interface TemporalServerProcess {
  address: string;
  /** Where it is closed by mutual TLS: of deploy/temporal/certificates.ts. */
  certificates?: string;
  teardown(): Promise<void>;
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  kill(): Promise<void>;
  shutDown(): Promise<void>;
  /** On the same files and port. */
  startAgain(): Promise<void>;
  /** Copies its files, while it does not run. */
  saveFiles(to: string): Promise<void>;
  /** Puts a copy in the place of its files, while it does not run. */
  restoreFiles(from: string): Promise<void>;
}

const START_LIMIT_MS = 60_000;

export async function startTemporalServer(): Promise<TemporalServerProcess> {
  const path = await temporalProgram();
  const [port, uiPort] = [await pickFreePort('127.0.0.1'), await pickFreePort('127.0.0.1')];
  const folder = await mkdtemp(join(tmpdir(), 'temporal-'));
  const files = join(folder, 'files');
  await mkdir(files);
  const address = `127.0.0.1:${port}`;
  const args = embeddedServerArgs({
    port,
    uiPort,
    namespace: 'default',
    dbFilename: join(files, 'temporal.sqlite'),
  });
  let server: ChildProcess;
  const end = async (signal: NodeJS.Signals) => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill(signal);
    await ended;
  };
  const startAgain = async () => {
    const started = spawn(path, args, { stdio: 'ignore' });
    server = started;
    await hasta(
      `the Temporal server at ${address}`,
      () => {
        if (started.exitCode !== null) throw new Error(`the Temporal server did not start at ${address}`);
        return answers(address);
      },
      START_LIMIT_MS,
    );
  };
  await startAgain();
  // A test run that is cut short must not leave it behind.
  const killIt = () => server.kill('SIGKILL');
  process.once('exit', killIt);
  return {
    address,
    signal: (signal) => server.kill(signal),
    kill: () => end('SIGKILL'),
    shutDown: () => end('SIGTERM'),
    startAgain,
    saveFiles: (to) => cp(files, to, { recursive: true }),
    async restoreFiles(from) {
      await rm(files, { recursive: true });
      await cp(from, files, { recursive: true });
    },
    async teardown() {
      process.off('exit', killIt);
      await end('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function answers(address: string): Promise<boolean> {
  const connection = Connection.lazy({ address });
  try {
    await connection.withDeadline(Date.now() + 1_000, () =>
      connection.workflowService.describeNamespace({ namespace: 'default' }),
    );
    return true;
  } catch {
    return false;
  } finally {
    await connection.close();
  }
}

/** The server whose clock skips while a result is awaited. Its owner calls teardown(). */
export async function timeSkippingServer(): Promise<TestWorkflowEnvironment> {
  const path = await findTestServer({ ...search, givenPath: undefined });
  return TestWorkflowEnvironment.createTimeSkipping({
    client,
    server: { executable: { type: 'existing-path', path } },
  });
}
