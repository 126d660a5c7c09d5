/**
 * Temporal as docker-compose.temporal.yml runs it: all roles, 512 shards, on PostgreSQL, closed by mutual TLS, by its
 * environment, its dynamic settings and its scripts. What differs is where things listen, and where files are.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { Connection, type ConnectionOptions } from '@temporalio/client';
import { makeTemporalCertificates } from '../../deploy/temporal/certificates.ts';
import { entornoPara } from '../../shared/runtime/config.ts';
import { SIN_PROXY } from '../../shared/runtime/sin-proxy.ts';
import { LOOPBACK } from '../../shared/runtime/url-local.ts';
import { pickFreePort } from '../start/ports.ts';
import { environmentOf, PASSWORDS, ROOT } from './compose.ts';
import type { LocalPostgres } from './postgres.ts';
import type { TemporalPrograms } from './temporal-programs.ts';
import { until } from './until.ts';

const run = promisify(execFile);

const START_LIMIT_MS = 120_000;
const ANSWER_LIMIT_MS = 2_000;

export interface TemporalCluster {
  address: string;
  /** The variables of TLS of a program that calls it, as this client. */
  variablesOf(client: 'api' | 'worker' | 'codec' | 'operador'): Record<string, string>;
  /** Of deploy/temporal/certificates.ts. */
  certificates: string;
  tls: Exclude<ConnectionOptions['tls'], undefined | boolean | null>;
  /** All that it wrote. */
  log(): string;
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  kill(): Promise<void>;
  shutDown(): Promise<void>;
  /** On the same ports and databases. */
  startAgain(): Promise<void>;
  teardown(): Promise<void>;
}

export interface ClusterParts {
  programs: TemporalPrograms;
  /** The CLI. */
  temporal: string;
  postgres: Pick<LocalPostgres, 'url'>;
  /** Lines of dynamic settings beside deploy/temporal/dynamic-config.yaml. */
  settings?: string;
}

/** @throws Error with what a script or the server said */
export async function startTemporalCluster({
  programs,
  temporal,
  postgres,
  settings = '',
}: ClusterParts): Promise<TemporalCluster> {
  const { hostname, port } = new URL(postgres.url);
  const folder = await mkdtemp(join(tmpdir(), 'temporal-cluster-'));
  await symlink(programs.sqlTool, join(folder, 'temporal-sql-tool'));
  await symlink(temporal, join(folder, 'temporal'));
  const path = [folder, entornoPara({}).PATH].join(delimiter);
  const script = async (command: string, args: string[], environment: Record<string, string>) => {
    await run(command, args, { cwd: ROOT, env: entornoPara({ cambios: { ...environment, PATH: path } }) });
  };
  /** Each of them is run at every start of the containers. */
  const twice = async (name: string, environment: Record<string, string>) => {
    for (let time = 0; time < 2; time++) await script('sh', [`deploy/temporal/${name}`], environment);
  };
  const certificates = join(folder, 'tls');
  const of = (service: string, client: string) =>
    environmentOf(service, {}, { '/tls/': `${join(certificates, client)}/` });

  await makeTemporalCertificates(certificates, ['localhost', 'temporal']);
  await script(
    'psql',
    ['-v', 'ON_ERROR_STOP=1', '-f', 'deploy/postgres/10-databases.sql', postgres.url],
    PASSWORDS,
  );
  await twice('schema.sh', { ...of('temporal-esquema', ''), SQL_HOST: hostname, SQL_PORT: port });

  const dynamicConfig = join(folder, 'dynamic-config.yaml');
  await writeFile(
    dynamicConfig,
    readFileSync(join(ROOT, 'deploy/temporal/dynamic-config.yaml'), 'utf8') + settings,
  );
  const ports = await portsOfRoles();
  const address = `localhost:${ports.FRONTEND_GRPC_PORT ?? ''}`;
  const tls = await tlsOf(join(certificates, 'operador'));

  let server: ChildProcess;
  let log = '';
  const hasEnded = () => server.exitCode !== null || server.signalCode !== null;
  const answers = (what: string, look: (connection: Connection) => Promise<unknown>) =>
    until(
      what,
      () => {
        if (hasEnded()) throw new Error(`Temporal's server ended:\n${log.slice(-4000)}`);
        return asks({ address, tls, channelArgs: SIN_PROXY }, look);
      },
      START_LIMIT_MS,
    );
  const startAgain = async () => {
    server = spawn(programs.server, ['start'], {
      cwd: ROOT,
      env: entornoPara({
        cambios: {
          ...of('temporal', 'servidor'),
          ...ports,
          POSTGRES_SEEDS: hostname,
          DB_PORT: port,
          BIND_ON_IP: LOOPBACK,
          DYNAMIC_CONFIG_FILE_PATH: dynamicConfig,
        },
      }),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [server.stdout, server.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (log += text));
    await answers('the frontend', ({ workflowService }) => workflowService.getSystemInfo({}));
  };
  const end = async (signal: NodeJS.Signals) => {
    if (hasEnded()) return;
    const ended = once(server, 'exit');
    server.kill(signal);
    await ended;
  };
  // What is cut short must not leave it behind.
  const killIt = () => server.kill('SIGKILL');
  process.once('exit', killIt);
  await startAgain();
  await twice('namespace.sh', { ...of('temporal-espacio', 'operador'), TEMPORAL_ADDRESS: address });
  // Each role learns of a namespace by itself.
  await answers('the namespace', ({ workflowService }) =>
    workflowService.countWorkflowExecutions({ namespace: 'default' }),
  );
  return {
    address,
    certificates,
    tls,
    variablesOf: (client) => onlyTls(of(client === 'operador' ? 'temporal-espacio' : client, client)),
    log: () => log,
    signal: (signal) => server.kill(signal),
    kill: () => end('SIGKILL'),
    shutDown: () => end('SIGTERM'),
    startAgain,
    async teardown() {
      process.off('exit', killIt);
      await end('SIGKILL');
      await rm(folder, { recursive: true });
    },
  };
}

function onlyTls(environment: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => name.startsWith('TEMPORAL_TLS_')));
}

async function tlsOf(folder: string): Promise<TemporalCluster['tls']> {
  const [ca, crt, key] = await Promise.all(
    ['ca.crt', 'tls.crt', 'tls.key'].map((name) => readFile(join(folder, name))),
  );
  if (!ca || !crt || !key) throw new Error('unreachable: three files were read');
  return { serverRootCACertificate: ca, clientCertPair: { crt, key } };
}

async function portsOfRoles(): Promise<Record<string, string>> {
  const roles = ['FRONTEND', 'HISTORY', 'MATCHING', 'WORKER'];
  const names = [
    ...roles.flatMap((role) => [`${role}_GRPC_PORT`, `${role}_MEMBERSHIP_PORT`]),
    'FRONTEND_HTTP_PORT',
  ];
  const chosen = await Promise.all(names.map(() => pickFreePort(LOOPBACK)));
  return Object.fromEntries(names.map((name, i) => [name, String(chosen[i])]));
}

async function asks(
  options: ConnectionOptions,
  look: (connection: Connection) => Promise<unknown>,
): Promise<boolean> {
  const connection = Connection.lazy(options);
  try {
    await connection.withDeadline(Date.now() + ANSWER_LIMIT_MS, () => look(connection));
    return true;
  } catch {
    return false;
  } finally {
    await connection.close();
  }
}
