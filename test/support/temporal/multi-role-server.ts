/**
 * Temporal's own server as docker-compose.temporal.yml runs it: all roles, 512 shards, on PostgreSQL, by its environment, its
 * dynamic settings and its scripts. What differs is where things listen. Its programs are built by hand (CONTRIBUTING.md).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Connection } from '@temporalio/client';
import { parse } from 'yaml';
import { z } from 'zod';
import { pickFreePort } from '../../../scripts/start/ports.ts';
import { hasta } from '../hasta.ts';
import { runProgram } from '../procesos/run-program.ts';
import type { TestPostgres } from '../servidores/postgres.ts';
import { temporalProgram } from './temporal-server.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const START_LIMIT_MS = 120_000;

/** As temporalServer() has it. */
const DELETES_SOON = 'history.transferProcessorUpdateAckInterval:\n  - value: 1s\n';

const { services } = z
  .object({
    services: z.record(
      z.string(),
      z.looseObject({ environment: z.record(z.string(), z.string()).default({}) }),
    ),
  })
  .parse(parse(readFileSync(join(ROOT, 'docker-compose.temporal.yml'), 'utf8'), { merge: true }));

export interface MultiRoleServer {
  address: string;
  /** All that it wrote. */
  log(): string;
  teardown(): Promise<void>;
}

/**
 * @param programs the folder of `server` and `sql`, as `go install` names them; psql is on the PATH
 * @throws Error with what a script or the server said
 */
export async function startMultiRoleServer(
  programs: string,
  postgres: TestPostgres,
): Promise<MultiRoleServer> {
  const { hostname, port } = new URL(postgres.url);
  const bin = await mkdtemp(join(tmpdir(), 'temporal-bin-'));
  await symlink(resolve(programs, 'sql'), join(bin, 'temporal-sql-tool'));
  await symlink(await temporalProgram(), join(bin, 'temporal'));
  const passwords = { POSTGRES_PASSWORD: 'p', TEMPORAL_DB_PASSWORD: 't', REGISTRO_DB_PASSWORD: 'r' };
  const script = async (command: string, args: string[], env: Record<string, string>) => {
    const path = [bin, process.env.PATH].join(delimiter);
    const { code, output } = await runProgram(command, args, ROOT, { ...env, PATH: path });
    if (code !== 0) throw new Error(`${[command, ...args].join(' ')} ended with ${code}:\n${output}`);
  };

  await script(
    'psql',
    ['-v', 'ON_ERROR_STOP=1', '-f', 'deploy/postgres/10-databases.sql', postgres.url],
    passwords,
  );
  const database = { SQL_HOST: hostname, SQL_PORT: port };
  const schema = { ...environmentOf('temporal-esquema', passwords), ...database };
  await script('sh', ['deploy/temporal/schema.sh'], schema);
  // As at the next start of the containers.
  await script('sh', ['deploy/temporal/schema.sh'], schema);

  const dynamicConfig = join(bin, 'dynamic-config.yaml');
  await writeFile(
    dynamicConfig,
    readFileSync(join(ROOT, 'deploy/temporal/dynamic-config.yaml'), 'utf8') + DELETES_SOON,
  );
  const ports = await portsOfRoles();
  const address = `127.0.0.1:${ports.FRONTEND_GRPC_PORT}`;
  const server = spawn(resolve(programs, 'server'), ['start'], {
    cwd: ROOT,
    env: {
      ...environmentOf('temporal', passwords),
      ...ports,
      POSTGRES_SEEDS: hostname,
      DB_PORT: port,
      BIND_ON_IP: '127.0.0.1',
      DYNAMIC_CONFIG_FILE_PATH: dynamicConfig,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [server.stdout, server.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (log += text));
  // A test run that is cut short must not leave it behind.
  const killIt = () => server.kill('SIGKILL');
  process.once('exit', killIt);
  const hasEnded = () => server.exitCode !== null || server.signalCode !== null;
  const until = (what: string, look: (connection: Connection) => Promise<unknown>) =>
    hasta(
      what,
      () => {
        if (hasEnded()) throw new Error(`Temporal's server ended:\n${log.slice(-4000)}`);
        return asks(address, look);
      },
      START_LIMIT_MS,
    );

  await until('the frontend', ({ workflowService }) => workflowService.getSystemInfo({}));
  const namespace = { ...environmentOf('temporal-espacio', passwords), TEMPORAL_ADDRESS: address };
  await script('sh', ['deploy/temporal/namespace.sh'], namespace);
  await script('sh', ['deploy/temporal/namespace.sh'], namespace);
  // Each role learns of a namespace by itself.
  await until('the namespace', ({ workflowService }) =>
    workflowService.countWorkflowExecutions({ namespace: 'default' }),
  );
  return {
    address,
    log: () => log,
    async teardown() {
      process.off('exit', killIt);
      if (!hasEnded()) {
        const ended = once(server, 'exit');
        server.kill('SIGKILL');
        await ended;
      }
      await rm(bin, { recursive: true });
    },
  };
}

/** A service's, with the passwords in their place. */
function environmentOf(service: string, passwords: Record<string, string>): Record<string, string> {
  const environment = services[service]?.environment ?? {};
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      value.replace(/\$\{([A-Z_]+):\?[^}]*\}/g, (_, variable: string) => passwords[variable] ?? ''),
    ]),
  );
}

async function portsOfRoles(): Promise<Record<string, string>> {
  const roles = ['FRONTEND', 'HISTORY', 'MATCHING', 'WORKER'];
  const names = [
    ...roles.flatMap((role) => [`${role}_GRPC_PORT`, `${role}_MEMBERSHIP_PORT`]),
    'FRONTEND_HTTP_PORT',
  ];
  const chosen = await Promise.all(names.map(() => pickFreePort('127.0.0.1')));
  return Object.fromEntries(names.map((name, i) => [name, String(chosen[i])]));
}

async function asks(address: string, look: (connection: Connection) => Promise<unknown>): Promise<boolean> {
  const connection = Connection.lazy({ address });
  try {
    await connection.withDeadline(Date.now() + 2_000, () => look(connection));
    return true;
  } catch {
    return false;
  } finally {
    await connection.close();
  }
}
