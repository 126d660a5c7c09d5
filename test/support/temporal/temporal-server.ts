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
import { startPostgresOfContainers, type LocalPostgres } from '../../../scripts/topology/postgres.ts';
import { prepareTemporalCluster, type TemporalCluster } from '../../../scripts/topology/temporal-cluster.ts';
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

/** A server in a process of its own, on files of its own, that a test may kill, stop and start again. */
export interface TemporalServerProcess extends KeptProcess {
  address: string;
  /** Where it is closed by mutual TLS: of deploy/temporal/certificates.ts. */
  certificates?: string;
  teardown(): Promise<void>;
  /** Copies its files, while it does not run. */
  saveFiles(to: string): Promise<void>;
  /** Puts a copy in the place of its files, while it does not run. */
  restoreFiles(from: string): Promise<void>;
}

interface KeptProcess {
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  kill(): Promise<void>;
  shutDown(): Promise<void>;
  /** On the same files and ports. */
  startAgain(): Promise<void>;
}

const START_LIMIT_MS = 120_000;
const LAST_WORDS = 4_000;

/** Starts it, and ends it with this process: a test run that is cut short must not leave it behind. */
async function keepProcess(
  what: string,
  start: () => ChildProcess,
  isReady: () => Promise<boolean>,
): Promise<KeptProcess & { end(): Promise<void> }> {
  let running: ChildProcess;
  const hasEnded = () => running.exitCode !== null || running.signalCode !== null;
  const end = async (signal: NodeJS.Signals) => {
    if (hasEnded()) return;
    const ended = once(running, 'exit');
    running.kill(signal);
    await ended;
  };
  const startAgain = async () => {
    running = start();
    let said = '';
    for (const stream of [running.stdout, running.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-LAST_WORDS)));
    await hasta(
      what,
      () => {
        if (hasEnded()) throw new Error(`${what} ended:\n${said}`);
        return isReady();
      },
      START_LIMIT_MS,
    );
  };
  const killIt = () => running.kill('SIGKILL');
  process.once('exit', killIt);
  await startAgain();
  return {
    signal: (signal) => running.kill(signal),
    kill: () => end('SIGKILL'),
    shutDown: () => end('SIGTERM'),
    startAgain,
    async end() {
      process.off('exit', killIt);
      await end('SIGKILL');
    },
  };
}

export async function startTemporalServer(): Promise<TemporalServerProcess> {
  const path = await temporalProgram();
  const [port, uiPort] = [await pickFreePort('127.0.0.1'), await pickFreePort('127.0.0.1')];
  const folder = await mkdtemp(join(tmpdir(), 'temporal-'));
  const files = join(folder, 'files');
  await mkdir(files);
  const address = `127.0.0.1:${port}`;
  const place = { port, uiPort, namespace: 'default', dbFilename: join(files, 'temporal.sqlite') };
  const kept = await keepProcess(
    `the Temporal server at ${address}`,
    () => spawn(path, embeddedServerArgs(place), { stdio: 'ignore' }),
    () => answers(address),
  );
  return {
    ...kept,
    address,
    saveFiles: (to) => cp(files, to, { recursive: true }),
    async restoreFiles(from) {
      await rm(files, { recursive: true });
      await cp(from, files, { recursive: true });
    },
    async teardown() {
      await kept.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export interface RunningCluster extends TemporalCluster, KeptProcess {
  teardown(): Promise<void>;
}

/** Temporal of docker-compose.temporal.yml. @param programs the folder that TEMPORAL_SERVER_BIN names */
export async function startCluster(programs: string, postgres: LocalPostgres): Promise<RunningCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'temporal-cluster-'));
  const cluster = await prepareTemporalCluster({
    folder,
    programs: await findTemporalPrograms({ given: programs, progress: search.progress }),
    temporal: await temporalProgram(),
    postgres: postgres.url,
    settings: DELETES_SOON_SETTING,
  });
  await cluster.bringSchema();
  const kept = await keepProcess(
    'Temporal’s server',
    () => spawn(cluster.command, cluster.args, { env: cluster.env, stdio: ['ignore', 'pipe', 'pipe'] }),
    () => cluster.isReady(),
  );
  await cluster.makeNamespace();
  await hasta('the namespace', () => cluster.knowsNamespace(), START_LIMIT_MS);
  return {
    ...cluster,
    ...kept,
    async teardown() {
      await kept.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The same, on a PostgreSQL of its own, so that a test may strike each of both stores by itself. */
export async function startClusterOfItsOwn(programs: string): Promise<TemporalServerProcess> {
  const postgres = await startPostgresOfContainers();
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
