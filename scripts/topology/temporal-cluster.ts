/**
 * Temporal as docker-compose.temporal.yml runs it: all roles, 512 shards, on PostgreSQL, closed by mutual TLS, by its
 * environment, its dynamic settings and its scripts. What differs is where it listens, and where its files are.
 */
import { execFile } from 'node:child_process';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { Connection, type ConnectionOptions } from '@temporalio/client';
import {
  certificateFiles,
  clientVariables,
  makeTemporalCertificates,
  type Client,
} from '../../deploy/temporal/certificates.ts';
import { entornoPara } from '../../shared/runtime/config.ts';
import { SIN_PROXY } from '../../shared/runtime/sin-proxy.ts';
import { LOOPBACK } from '../../shared/runtime/url-local.ts';
import { pickFreePort } from '../start/ports.ts';
import { environmentOf, ROOT } from './compose.ts';
import type { TemporalPrograms } from './temporal-programs.ts';

const run = promisify(execFile);

const ANSWER_LIMIT_MS = 2_000;

/** Of databases on loopback, which ask for none, that end with their process. */
export const PASSWORDS = {
  POSTGRES_PASSWORD: 'local',
  TEMPORAL_DB_PASSWORD: 'local',
  REGISTRO_DB_PASSWORD: 'local',
};

export interface ClusterParts {
  /** An empty one, of this user: for certificates, settings and programs. */
  folder: string;
  programs: TemporalPrograms;
  /** The CLI. */
  temporal: string;
  /** URL of PostgreSQL, as its superuser. */
  postgres: string;
  /** Lines of dynamic settings beside deploy/temporal/dynamic-config.yaml. */
  settings?: string;
}

/** What is ready to be started. */
export interface TemporalCluster {
  address: string;
  /** Of each role: gRPC, and what they tell each other of who is there. */
  ports: readonly number[];
  /** Folder of what deploy/temporal/certificates.ts made. */
  certificates: string;
  /** As the operator. */
  tls: Exclude<ConnectionOptions['tls'], undefined | boolean | null>;
  /** The variables of TLS of a program that calls it, as this client. */
  variablesOf(client: Client): Record<string, string>;
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  /** Whether its frontend answers who has a certificate. */
  isReady(): Promise<boolean>;
  /** Whether each role knows the namespace, a moment after it was made. */
  knowsNamespace(): Promise<boolean>;
  /** The databases' schema, before the server starts; run again, it does what is missing. */
  bringSchema(): Promise<void>;
  /** Namespace and search attributes, once the frontend answers; run again, it does what is missing. */
  makeNamespace(): Promise<void>;
}

/** @throws Error with what a script said */
export async function prepareTemporalCluster(parts: ClusterParts): Promise<TemporalCluster> {
  const { folder, programs, temporal, postgres, settings = '' } = parts;
  const { hostname, port } = new URL(postgres);
  const certificates = join(folder, 'tls');
  const dynamicConfig = join(folder, 'dynamic-config.yaml');
  await Promise.all([
    symlink(programs.sqlTool, join(folder, 'temporal-sql-tool')),
    symlink(temporal, join(folder, 'temporal')),
    writeFile(
      dynamicConfig,
      (await readFile(join(ROOT, 'deploy/temporal/dynamic-config.yaml'), 'utf8')) + settings,
    ),
    // Node allows no address as the name of a server.
    makeTemporalCertificates(certificates, ['localhost', 'temporal']),
  ]);
  const ports = await portsOfRoles();
  const address = `localhost:${ports.FRONTEND_GRPC_PORT ?? ''}`;
  const of = (service: string, client?: Client | 'servidor') =>
    environmentOf(service, PASSWORDS, {
      ...(client && { '/tls/': `${join(certificates, client)}/` }),
      'temporal:7233': address,
    });
  const runScript = async (command: string, args: string[], environment: Record<string, string>) => {
    const PATH = [folder, entornoPara({}).PATH].join(delimiter);
    await run(command, args, { cwd: ROOT, env: entornoPara({ cambios: { ...environment, PATH } }) });
  };
  await runScript(
    'psql',
    ['-v', 'ON_ERROR_STOP=1', '-f', 'deploy/postgres/10-databases.sql', postgres],
    PASSWORDS,
  );

  const tls = await tlsOf(certificates);
  const ask = (look: (connection: Connection) => Promise<unknown>) =>
    answers({ address, tls, channelArgs: SIN_PROXY }, look);
  return {
    ...{ address, certificates, tls },
    ports: Object.values(ports).map(Number),
    variablesOf: (client) => clientVariables(certificateFiles(certificates, client)),
    command: programs.server,
    args: ['start'],
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
    isReady: () => ask(({ workflowService }) => workflowService.getSystemInfo({})),
    knowsNamespace: () =>
      ask(({ workflowService }) => workflowService.countWorkflowExecutions({ namespace: 'default' })),
    bringSchema: () =>
      runScript('sh', ['deploy/temporal/schema.sh'], {
        ...of('temporal-esquema'),
        SQL_HOST: hostname,
        SQL_PORT: port,
      }),
    makeNamespace: () =>
      runScript('sh', ['deploy/temporal/namespace.sh'], of('temporal-espacio', 'operador')),
  };
}

async function tlsOf(certificates: string): Promise<TemporalCluster['tls']> {
  const { ca, certificate, key } = certificateFiles(certificates, 'operador');
  return {
    serverRootCACertificate: await readFile(ca),
    clientCertPair: { crt: await readFile(certificate), key: await readFile(key) },
  };
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

async function answers(
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
